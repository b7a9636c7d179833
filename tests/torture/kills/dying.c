/* Ends a process with SIGKILL at the n-th change that it makes to files whose path holds certain words: loaded with
   LD_PRELOAD, so that the program is the one that people run. Large writes are sometimes half done, at a page's border,
   as the kernel does it when a process is killed in the middle of one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

static char words[512];
static atomic_long left;
static int report = -1;

/* Tells the moment, so that whoever watches need not guess it, and dies. */
static void die(void) {
    ssize_t (*plain)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    struct timespec now;
    char line[96];
    clock_gettime(CLOCK_MONOTONIC, &now);
    int length = snprintf(line, sizeof line, "{\"what\":\"dies\",\"at\":%ld.%09ld}\n", (long)now.tv_sec, now.tv_nsec);
    if (report >= 0 && plain(report, line, length) < 0) abort();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Returns whether this is the change to die at. */
static int counts(const char *path) {
    return atomic_load(&left) > 0 && path != NULL && strstr(path, words) != NULL && atomic_fetch_sub(&left, 1) == 1;
}

static int counts_fd(int fd) {
    char link[48], path[1024];
    if (atomic_load(&left) <= 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return counts(path);
}

void catnap_die_at(const char *held, long count, int fd) {
    atomic_store(&left, 0);
    snprintf(words, sizeof words, "%s", held);
    report = fd;
    atomic_store(&left, count);
}

__attribute__((constructor)) static void begin(void) {
    const char *held = getenv("CATNAP_DIE_WORDS"), *count = getenv("CATNAP_DIE_AT"), *fd = getenv("CATNAP_DIE_REPORT");
    if (held != NULL && count != NULL && fd != NULL) catnap_die_at(held, atol(count), atoi(fd));
    /* What this process starts is not meant. */
    unsetenv("CATNAP_DIE_AT");
    unsetenv("LD_PRELOAD");
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    if (counts_fd(fd)) {
        if (size > PAGE) real(fd, data, size / 2 / PAGE * PAGE + PAGE);
        die();
    }
    return real(fd, data, size);
}

#define PWRITE(name, offset_type) \
    ssize_t name(int fd, const void *data, size_t size, offset_type at) { \
        REAL(name); \
        if (counts_fd(fd)) { \
            if (size > PAGE) real(fd, data, size / 2 / PAGE * PAGE + PAGE, at); \
            die(); \
        } \
        return real(fd, data, size, at); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define ON_FD(name, parameters, arguments) \
    int name parameters { \
        REAL(name); \
        if (counts_fd(fd)) die(); \
        return real arguments; \
    }
ON_FD(ftruncate, (int fd, off_t size), (fd, size))
ON_FD(ftruncate64, (int fd, off64_t size), (fd, size))
ON_FD(fsync, (int fd), (fd))
ON_FD(fdatasync, (int fd), (fd))

#define ON_PATH(name, parameters, path, arguments) \
    int name parameters { \
        REAL(name); \
        if (counts(path)) die(); \
        return real arguments; \
    }
ON_PATH(rename, (const char *from, const char *to), to, (from, to))
ON_PATH(renameat, (int a, const char *from, int b, const char *to), to, (a, from, b, to))
ON_PATH(unlink, (const char *path), path, (path))
ON_PATH(unlinkat, (int folder, const char *path, int flags), path, (folder, path, flags))

/* Of those that open, only such as make a file. */
#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = va_arg(more, mode_t); \
        va_end(more); \
        REAL(name); \
        if ((flags & O_CREAT) && counts(path)) die(); \
        return real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
