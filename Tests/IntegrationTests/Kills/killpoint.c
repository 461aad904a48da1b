// killpoint: a preloaded library that counts the durable and the outward steps of a program, and ends it at one of them.
//
//     cc -shared -fPIC -O1 -Wall -Wextra -o killpoint.so killpoint.c -ldl
//     LD_PRELOAD=./killpoint.so NIGHTBELL_KILL_AT=17 NIGHTBELL_KILL_WHEN=before nightbell-relay serve …
//
// The program is the one that is shipped: nothing in it knows of this. It ends by SIGKILL, as by a power switch or the
// kernel's out-of-memory killer: no handler runs, no buffer is flushed, what the kernel was given stays.
//
// What is counted, by class:
//     sync      fsync, fdatasync, sync_file_range, syncfs
//     name      rename, renameat, renameat2, link, linkat, unlink, unlinkat, mkdir, mkdirat
//     truncate  ftruncate
//     write     write, writev, pwrite, pwritev to regular files; not to standard error
//     page      the same to a database, its journal or log: of no effect until a sync covers them
//     send      write, writev, send, sendto, sendmsg, sendmmsg to sockets of the internet
//     tell      write, writev to standard output: what a person or a script has been told
// Everything else (event descriptors, pipes, local sockets, logs) passes uncounted.
//
// The environment:
//     NIGHTBELL_KILL_AT     the number of the call at which to end, from 1; 0 or absent: never
//     NIGHTBELL_KILL_WHEN   `before` that call (the standard) or `after` it
//     NIGHTBELL_KILL_CALLS  the classes that are counted, separated by commas; all of them when absent
//     NIGHTBELL_KILL_TRACE  a file to which a line is added for each counted call: number, class, function, byte count,
//                           what it was about. For send, write and tell the line stands before the call is made; for the
//                           others after it was done: so the order of lines proves the order of durability and words.
//     NIGHTBELL_KILL_HOLD   a path: while a file is there, each counted sync waits before it is made, as if the disk were
//                           slow, until the file of that path with `-` and its number is there too. A line of class `held`
//                           says so in the trace.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum class { SYNC, NAME, TRUNCATE, WRITE, PAGE, SEND, TELL, CLASSES, UNCOUNTED };

static const char *const class_names[CLASSES] = {"sync", "name", "truncate", "write", "page", "send", "tell"};

static atomic_long counted;
static long kill_at;
static bool kill_after;
static bool is_counted[CLASSES];
static int trace = -1;
static const char *hold;

// The next definition of a function: the C library's. Looked up at each first use, for calls come before constructors do.
#define NEXT(name)                                                                                                     \
    static __typeof__(&name) next;                                                                                     \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void end_now(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("NIGHTBELL_KILL_AT");
    const char *when = getenv("NIGHTBELL_KILL_WHEN");
    const char *calls = getenv("NIGHTBELL_KILL_CALLS");
    const char *path = getenv("NIGHTBELL_KILL_TRACE");
    for (int each = 0; each < CLASSES; each++) is_counted[each] = !calls || strstr(calls, class_names[each]);
    kill_after = when && strcmp(when, "after") == 0;
    hold = getenv("NIGHTBELL_KILL_HOLD");
    if (path) trace = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    kill_at = at ? strtol(at, NULL, 10) : 0;
}

// The path of an open file.
static void path_of(int descriptor, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, size - 1);
    path[length > 0 ? length : 0] = 0;
}

static bool is_database(int descriptor) {
    char path[512];
    path_of(descriptor, path, sizeof path);
    const char *name = strrchr(path, '/');
    return name && strstr(name, ".sqlite");
}

// What a descriptor stands for.
static enum class class_of(int descriptor) {
    if (descriptor == STDOUT_FILENO) return TELL;
    if (descriptor == STDERR_FILENO || descriptor == trace) return UNCOUNTED;
    struct stat status;
    int before = errno;
    enum class found = UNCOUNTED;
    if (fstat(descriptor, &status) == 0) {
        if (S_ISREG(status.st_mode)) found = is_database(descriptor) ? PAGE : WRITE;
        if (S_ISSOCK(status.st_mode)) {
            int family = 0;
            socklen_t size = sizeof family;
            if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 &&
                (family == AF_INET || family == AF_INET6))
                found = SEND;
        }
    }
    errno = before;
    return found;
}

static void note(long number, const char *class, const char *function, long bytes, int descriptor, const char *path) {
    if (trace < 0) return;
    int before = errno;
    char about[512];
    if (path) {
        snprintf(about, sizeof about, "%s", path);
    } else if (class == class_names[TELL]) {
        snprintf(about, sizeof about, "stdout");
    } else if (class == class_names[SEND]) {
        snprintf(about, sizeof about, "socket");
    } else {
        path_of(descriptor, about, sizeof about);
    }
    char line[640];
    int length = snprintf(line, sizeof line, "%ld %s %s %ld %s\n", number, class, function, bytes, about);
    syscall(SYS_write, trace, line, (size_t)length);
    errno = before;
}

// Keeps a synchronisation from being made for as long as the test says.
static void wait_while_held(long number, const char *function, int descriptor) {
    if (!hold || access(hold, F_OK) != 0) return;
    char go[512];
    snprintf(go, sizeof go, "%s-%ld", hold, number);
    note(number, "held", function, 0, descriptor, NULL);
    while (access(hold, F_OK) == 0 && access(go, F_OK) != 0) usleep(1000);
}

// Counts a call that is about to be made, and ends the process when it is the one.
static long count(enum class class) {
    if (class >= CLASSES || !is_counted[class]) return 0;
    long number = atomic_fetch_add(&counted, 1) + 1;
    if (number == kill_at && !kill_after) end_now();
    return number;
}

static void counted_call_made(long number) {
    if (number && number == kill_at && kill_after) end_now();
}

// A call whose line stands after it is done.
#define DONE(class, descriptor, path, expression)                                                                      \
    long number = count(class);                                                                                        \
    if (number && class == SYNC) wait_while_held(number, __func__, descriptor);                                        \
    __typeof__(expression) result = (expression);                                                                      \
    if (number) note(number, class_names[class], __func__, (long)result, descriptor, path);                            \
    counted_call_made(number);                                                                                         \
    return result

// A call whose line stands before it is made.
#define SAID(descriptor, bytes, expression)                                                                            \
    enum class class = class_of(descriptor);                                                                           \
    long number = count(class);                                                                                        \
    if (number) note(number, class_names[class], __func__, (long)(bytes), descriptor, NULL);                           \
    __typeof__(expression) result = (expression);                                                                      \
    counted_call_made(number);                                                                                         \
    return result

static size_t total(const struct iovec *parts, int count_of_parts) {
    size_t bytes = 0;
    for (int each = 0; each < count_of_parts; each++) bytes += parts[each].iov_len;
    return bytes;
}

int fsync(int fd) { NEXT(fsync); DONE(SYNC, fd, NULL, next(fd)); }
int fdatasync(int fd) { NEXT(fdatasync); DONE(SYNC, fd, NULL, next(fd)); }
int syncfs(int fd) { NEXT(syncfs); DONE(SYNC, fd, NULL, next(fd)); }
int sync_file_range(int fd, off64_t from, off64_t bytes, unsigned flags) {
    NEXT(sync_file_range);
    DONE(SYNC, fd, NULL, next(fd, from, bytes, flags));
}

int rename(const char *old, const char *new) { NEXT(rename); DONE(NAME, -1, new, next(old, new)); }
int renameat(int from, const char *old, int to, const char *new) {
    NEXT(renameat);
    DONE(NAME, -1, new, next(from, old, to, new));
}
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    NEXT(renameat2);
    DONE(NAME, -1, new, next(from, old, to, new, flags));
}
int link(const char *old, const char *new) { NEXT(link); DONE(NAME, -1, new, next(old, new)); }
int linkat(int from, const char *old, int to, const char *new, int flags) {
    NEXT(linkat);
    DONE(NAME, -1, new, next(from, old, to, new, flags));
}
int unlink(const char *path) { NEXT(unlink); DONE(NAME, -1, path, next(path)); }
int unlinkat(int folder, const char *path, int flags) { NEXT(unlinkat); DONE(NAME, -1, path, next(folder, path, flags)); }
int mkdir(const char *path, mode_t mode) { NEXT(mkdir); DONE(NAME, -1, path, next(path, mode)); }
int mkdirat(int folder, const char *path, mode_t mode) { NEXT(mkdirat); DONE(NAME, -1, path, next(folder, path, mode)); }

int ftruncate(int fd, off_t length) { NEXT(ftruncate); DONE(TRUNCATE, fd, NULL, next(fd, length)); }
int ftruncate64(int fd, off64_t length) { NEXT(ftruncate64); DONE(TRUNCATE, fd, NULL, next(fd, length)); }

ssize_t write(int fd, const void *bytes, size_t size) { NEXT(write); SAID(fd, size, next(fd, bytes, size)); }
ssize_t writev(int fd, const struct iovec *parts, int n) { NEXT(writev); SAID(fd, total(parts, n), next(fd, parts, n)); }
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
    NEXT(pwrite);
    SAID(fd, size, next(fd, bytes, size, at));
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    NEXT(pwrite64);
    SAID(fd, size, next(fd, bytes, size, at));
}
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at) {
    NEXT(pwritev);
    SAID(fd, total(parts, n), next(fd, parts, n, at));
}
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at) {
    NEXT(pwritev64);
    SAID(fd, total(parts, n), next(fd, parts, n, at));
}

ssize_t send(int fd, const void *bytes, size_t size, int flags) {
    NEXT(send);
    SAID(fd, size, next(fd, bytes, size, flags));
}
ssize_t sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
    NEXT(sendto);
    SAID(fd, size, next(fd, bytes, size, flags, to, length));
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    NEXT(sendmsg);
    SAID(fd, total(message->msg_iov, (int)message->msg_iovlen), next(fd, message, flags));
}
int sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags) {
    NEXT(sendmmsg);
    SAID(fd, n, next(fd, messages, n, flags));
}
