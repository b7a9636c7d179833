/* The library that Qt speaks through on Linux, libspeechd.so.2, without anything that makes a sound.

   In the folder $CATNAP_TEST_VOICES it reads "voices", a line "name<TAB>language" for each, and writes "said", a line
   for whatever it is told. No sentence ends while there is a file "hold". As Qt does, it takes the voices once, when it
   is opened. Without a voice there is no module either, as where nothing but the service is installed. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BEGIN = 0, END = 1, CANCEL = 3, MOST_VOICES = 64, LOOK_AGAIN_US = 5000 };

typedef void (*callback)(size_t message, size_t client, int state);

typedef struct {
    char *name;
    char *language;
    char *variant;
} SPDVoice;

typedef struct {
    callback begin, end, cancel, pause, resume;
    void *index_mark;
    void *private_to_it[64];
} SPDConnection;

static struct {
    char voice[128], language[32];
    int rate, volume;
} manner;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int newest, cancelled; /* messages */

static void in_folder(char *path, size_t room, const char *name)
{
    const char *folder = getenv("CATNAP_TEST_VOICES");
    snprintf(path, room, "%s/%s", folder ? folder : ".", name);
}

static void tell(const char *form, ...)
{
    char path[4096], line[8192];
    va_list values;
    in_folder(path, sizeof path, "said");
    va_start(values, form);
    int length = vsnprintf(line, sizeof line, form, values);
    va_end(values);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0 && write(file, line, (size_t)length) != length)
        abort();
    close(file);
}

SPDConnection *spd_open(const char *client, const char *connection, const char *user, int mode)
{
    (void)client, (void)connection, (void)user, (void)mode;
    return calloc(1, sizeof(SPDConnection));
}

void spd_close(SPDConnection *self) { free(self); }

SPDVoice **spd_list_synthesis_voices(SPDConnection *self)
{
    (void)self;
    char path[4096], name[128], language[32];
    SPDVoice **voices = calloc(MOST_VOICES + 1, sizeof *voices);
    in_folder(path, sizeof path, "voices");
    FILE *file = fopen(path, "re");
    for (int at = 0; file && at < MOST_VOICES && fscanf(file, " %127[^\t]\t%31s", name, language) == 2; at++) {
        voices[at] = calloc(1, sizeof **voices);
        voices[at]->name = strdup(name);
        voices[at]->language = strdup(language);
        voices[at]->variant = strdup("none");
    }
    if (file)
        fclose(file);
    return voices;
}

char **spd_list_modules(SPDConnection *self)
{
    char **modules = calloc(2, sizeof *modules);
    if (spd_list_synthesis_voices(self)[0])
        modules[0] = strdup("quiet");
    return modules;
}

/* Says a message: a thread of its own for each. */
struct message {
    SPDConnection *by;
    int number;
};

static void *say(void *given)
{
    struct message said = *(struct message *)given;
    char hold[4096];
    int is_cancelled, is_held;
    free(given);
    in_folder(hold, sizeof hold, "hold");
    said.by->begin((size_t)said.number, 1, BEGIN);
    do {
        pthread_mutex_lock(&lock);
        is_cancelled = said.number <= cancelled;
        pthread_mutex_unlock(&lock);
        is_held = access(hold, F_OK) == 0;
        usleep(is_held && !is_cancelled ? LOOK_AGAIN_US : 0);
    } while (is_held && !is_cancelled);
    if (is_cancelled)
        said.by->cancel((size_t)said.number, 1, CANCEL);
    else
        said.by->end((size_t)said.number, 1, END);
    return NULL;
}

int spd_say(SPDConnection *self, int priority, const char *text)
{
    (void)priority;
    pthread_t thread;
    struct message *message = malloc(sizeof *message);
    pthread_mutex_lock(&lock);
    *message = (struct message){self, ++newest};
    int number = newest;
    pthread_mutex_unlock(&lock);
    tell("say\t%s\t%s\t%d\t%d\t%s\n", manner.voice, manner.language, manner.rate, manner.volume, text);
    pthread_create(&thread, NULL, say, message);
    pthread_detach(thread);
    return number;
}

int spd_cancel_all(SPDConnection *self)
{
    (void)self;
    pthread_mutex_lock(&lock);
    int is_said = cancelled < newest;
    cancelled = newest;
    pthread_mutex_unlock(&lock);
    if (is_said)
        tell("cancel\n");
    return 0;
}

int spd_set_synthesis_voice(SPDConnection *self, const char *name)
{
    (void)self;
    snprintf(manner.voice, sizeof manner.voice, "%s", name);
    return 0;
}

int spd_set_language(SPDConnection *self, const char *language)
{
    (void)self;
    snprintf(manner.language, sizeof manner.language, "%s", language);
    return 0;
}

int spd_set_voice_rate(SPDConnection *self, int rate)
{
    (void)self;
    manner.rate = rate;
    return 0;
}

int spd_set_volume(SPDConnection *self, int volume)
{
    (void)self;
    manner.volume = volume;
    return 0;
}

int spd_set_output_module(SPDConnection *self, const char *module) { return (void)self, (void)module, 0; }
int spd_set_voice_pitch(SPDConnection *self, int pitch) { return (void)self, (void)pitch, 0; }
int spd_set_notification_on(SPDConnection *self, int what) { return (void)self, (void)what, 0; }
int spd_pause_all(SPDConnection *self) { return (void)self, 0; }
int spd_resume_all(SPDConnection *self) { return (void)self, 0; }
