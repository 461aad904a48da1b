#ifndef NIGHTBELL_CLINUX_H
#define NIGHTBELL_CLINUX_H

/* What Linux offers only through variadic functions and system calls without a wrapper, which Swift cannot call. */

/* Without _GNU_SOURCE: Swift's view of glibc has it not, and the two must agree. */
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* No core dump, no ptrace, no /proc/PID/mem for others of the same user. */
static inline int nb_forbid_dumping(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
static inline int nb_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

static inline int nb_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
static inline int nb_pidfd_signal(int pidfd, int number) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, (void *)0, 0);
}

/* Who is at the other end of a Unix socket, as the kernel noted when the connection was made. */
static inline int nb_peer(int descriptor, int *pid, unsigned *uid) {
    struct { int pid; unsigned uid; unsigned gid; } peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || size != sizeof peer) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    return 0;
}

/* The peer's pidfd (Linux 6.5), or -1. */
static inline int nb_peer_pidfd(int descriptor) {
    int pidfd = -1;
    socklen_t size = sizeof pidfd;
    return getsockopt(descriptor, SOL_SOCKET, 77 /* SO_PEERPIDFD */, &pidfd, &size) == 0 ? pidfd : -1;
}

/* Gives the calling thread a working directory of its own. */
static inline int nb_own_working_directory(void) { return (int)syscall(SYS_unshare, 0x200 /* CLONE_FS */); }

static inline short nb_spawn_new_session(void) { return 0x80 /* POSIX_SPAWN_SETSID */; }
static inline int nb_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

#endif
