#ifndef TERMINAL_GUARD_H
#define TERMINAL_GUARD_H

#include <stddef.h>

// Gives a terminal back as it was found when a signal ends the process that drew on it, and tells of the signals that ask
// for something. What runs in a signal handler is written in C, for it may call nothing but what is safe there.

// The longest text that restores a terminal.
#define TERMINAL_GUARD_LONGEST 256

// Remembers how the terminal is set now, and takes over the signals.
//
// Faults of the program (SIGSEGV, SIGABRT and the like) put the terminal back and then end it as they would have.
// SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGTSTP and SIGCONT are written into `wake`, one byte each: the number. A
// second request to end puts the terminal back and ends the process at once.
//
// restore: what makes the terminal show its main screen again. Returns 0, or -1 when `terminal` is none.
int terminal_guard_arm(int terminal, int wake, const char *restore, size_t length);

// Puts the terminal back now: for whoever finds that nobody else can.
void terminal_guard_restore(void);

// Gives the signals back. The terminal is left as it is.
void terminal_guard_disarm(void);

#endif
