#define _DEFAULT_SOURCE 1

#include "terminal_guard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
static const int wishes[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char notice[] =
    "\nnightbell: error: the screen ended by a fault of the program; nothing that was stored is lost\n"
    "nightbell: hint: start it again with \"nightbell ui\"\n";

static int guarded = -1;
static int waking = -1;
static struct termios found;
static char restoring[TERMINAL_GUARD_LONGEST];
static size_t restoring_length;
static volatile sig_atomic_t is_armed;
static volatile sig_atomic_t is_ending;
static struct sigaction faults_before[COUNT(faults)];
static struct sigaction wishes_before[COUNT(wishes)];

static void put(int file, const char *text, size_t length) {
    while (length > 0) {
        ssize_t count = write(file, text, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        text += count;
        length -= (size_t)count;
    }
}

void terminal_guard_restore(void) {
    if (!is_armed) return;
    put(guarded, restoring, restoring_length);
    tcsetattr(guarded, TCSANOW, &found);
}

static void take_fault(int signal_number) {
    terminal_guard_restore();
    put(guarded, notice, sizeof notice - 1);
    // Its handler is the default again (SA_RESETHAND): this ends the process as the fault would have.
    raise(signal_number);
}

static void take_wish(int signal_number) {
    int error = errno;
    int ends = signal_number == SIGTERM || signal_number == SIGHUP || signal_number == SIGINT ||
               signal_number == SIGQUIT;
    if (ends && is_ending) {
        terminal_guard_restore();
        _exit(128 + signal_number);
    }
    if (ends) is_ending = 1;
    char byte = (char)signal_number;
    // A full pipe has enough to tell already.
    (void)!write(waking, &byte, 1);
    errno = error;
}

int terminal_guard_arm(int terminal, int wake, const char *restore, size_t length) {
    if (length > sizeof restoring || tcgetattr(terminal, &found) != 0) return -1;
    guarded = terminal;
    waking = wake;
    memcpy(restoring, restore, length);
    restoring_length = length;
    is_ending = 0;
    is_armed = 1;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = take_fault;
    action.sa_flags = SA_RESETHAND | SA_NODEFER;
    for (size_t i = 0; i < COUNT(faults); i++) sigaction(faults[i], &action, &faults_before[i]);
    action.sa_handler = take_wish;
    action.sa_flags = SA_RESTART;
    for (size_t i = 0; i < COUNT(wishes); i++) sigaction(wishes[i], &action, &wishes_before[i]);
    return 0;
}

void terminal_guard_disarm(void) {
    if (!is_armed) return;
    is_armed = 0;
    for (size_t i = 0; i < COUNT(faults); i++) sigaction(faults[i], &faults_before[i], NULL);
    for (size_t i = 0; i < COUNT(wishes); i++) sigaction(wishes[i], &wishes_before[i], NULL);
}
