/* A disk with as much room as one wants, for programs that are started with it as LD_PRELOAD.

   What they write below $CATNAP_DISK is counted in a file that all of them map, $CATNAP_DISK_CONTROL. When "room" bytes
   are written, writing fails with "error": a disk that is full (ENOSPC), a share of it that is used up (EDQUOT), files
   that may not be larger (EFBIG). With EROFS nothing may be changed any more, as after an error of the disk. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
    long long room; /* bytes; negative: as many as one likes */
    long long written;
    long long error;
};

static struct control *control;
static const char *folder;
static size_t folder_length;

static void *next_of(void **kept, const char *name) {
    if (!*kept) *kept = dlsym(RTLD_NEXT, name);
    return *kept;
}

/* What a function of that name does without this library. */
#define REAL(name) ({ static void *kept; (__typeof__(&name))next_of(&kept, #name); })

__attribute__((constructor)) static void prepare(void) {
    const char *file = getenv("CATNAP_DISK_CONTROL");
    folder = getenv("CATNAP_DISK");
    if (!file || !folder) return;
    folder_length = strlen(folder);
    int handle = open(file, O_RDWR | O_CLOEXEC);
    if (handle < 0) return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    close(handle);
    if (mapped != MAP_FAILED) control = mapped;
}

static int is_below(const char *path) {
    return control && path && !strncmp(path, folder, folder_length) &&
           (path[folder_length] == '/' || !path[folder_length]);
}

static int is_ours(int handle) {
    if (!control) return 0;
    int before = errno;
    char name[32], path[PATH_MAX];
    struct stat facts;
    snprintf(name, sizeof name, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(name, path, sizeof path - 1);
    int is = 0;
    if (length > 0) {
        path[length] = 0;
        is = is_below(path) && !fstat(handle, &facts) && S_ISREG(facts.st_mode);
    }
    errno = before;
    return is;
}

static int is_sealed(void) {
    return control && control->error == EROFS && __atomic_load_n(&control->room, __ATOMIC_SEQ_CST) == 0;
}

/* Returns how many bytes may be written; -1: none, errno says why. */
static ssize_t take(size_t wanted) {
    ssize_t given = (ssize_t)wanted;
    long long room = __atomic_load_n(&control->room, __ATOMIC_SEQ_CST);
    while (room >= 0) {
        if (!room && wanted) {
            errno = (int)control->error;
            return -1;
        }
        given = room < (long long)wanted ? (ssize_t)room : (ssize_t)wanted;
        if (__atomic_compare_exchange_n(&control->room, &room, room - given, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            break;
        given = (ssize_t)wanted;
    }
    __atomic_add_fetch(&control->written, given, __ATOMIC_SEQ_CST);
    return given;
}

ssize_t write(int handle, const void *data, size_t count) {
    ssize_t given = (ssize_t)count;
    if (is_ours(handle) && (given = take(count)) < 0) return -1;
    return REAL(write)(handle, data, (size_t)given);
}

ssize_t writev(int handle, const struct iovec *parts, int count) {
    if (!is_ours(handle) || !count) return REAL(writev)(handle, parts, count);
    return write(handle, parts[0].iov_base, parts[0].iov_len);
}

#define PWRITE(name, offset_type)                                                   \
    ssize_t name(int handle, const void *data, size_t count, offset_type at) {     \
        ssize_t given = (ssize_t)count;                                             \
        if (is_ours(handle) && (given = take(count)) < 0) return -1;                \
        return REAL(name)(handle, data, (size_t)given, at);                         \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define REFUSES_WRITING(path, flags) \
    (is_below(path) && is_sealed() && ((flags) & (O_ACCMODE | O_CREAT | O_TRUNC)) && (errno = EROFS))

#define OPEN(name)                                                    \
    int name(const char *path, int flags, ...) {                     \
        va_list rest;                                                 \
        va_start(rest, flags);                                        \
        mode_t mode = va_arg(rest, mode_t);                           \
        va_end(rest);                                                 \
        if (REFUSES_WRITING(path, flags)) return -1;                  \
        return REAL(name)(path, flags, mode);                         \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                  \
    int name(int at, const char *path, int flags, ...) {             \
        va_list rest;                                                 \
        va_start(rest, flags);                                        \
        mode_t mode = va_arg(rest, mode_t);                           \
        va_end(rest);                                                 \
        if (REFUSES_WRITING(path, flags)) return -1;                  \
        return REAL(name)(at, path, flags, mode);                     \
    }
OPENAT(openat)
OPENAT(openat64)

#define SEALS(path) (is_below(path) && is_sealed() && (errno = EROFS))

int rename(const char *from, const char *to) {
    return SEALS(to) || SEALS(from) ? -1 : REAL(rename)(from, to);
}

int renameat(int at, const char *from, int to_at, const char *to) {
    return SEALS(to) || SEALS(from) ? -1 : REAL(renameat)(at, from, to_at, to);
}

int unlink(const char *path) {
    return SEALS(path) ? -1 : REAL(unlink)(path);
}

int unlinkat(int at, const char *path, int flags) {
    return SEALS(path) ? -1 : REAL(unlinkat)(at, path, flags);
}

int mkdir(const char *path, mode_t mode) {
    return SEALS(path) ? -1 : REAL(mkdir)(path, mode);
}
