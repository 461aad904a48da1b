// Functions, not macros: Swift sees only those. The wide interface, for names are not ASCII.
#define NCURSES_NOMACROS 1
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 600
#endif
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <wchar.h>

// From <term.h>, whose macros take words like "lines" and "columns" for themselves.
extern int setupterm(const char *, int, int *);

// What Swift cannot reach: variables that change, macros that cast, and the C library's streams.

static inline SCREEN *nightbell_curses_open(void) { return newterm(NULL, stdout, stdin); }
static inline WINDOW *nightbell_curses_window(void) { return stdscr; }
static inline WINDOW *nightbell_curses_screen(void) { return curscr; }

static inline uint32_t nightbell_curses_bold(void) { return WA_BOLD; }
static inline uint32_t nightbell_curses_dim(void) { return WA_DIM; }
static inline uint32_t nightbell_curses_reverse(void) { return WA_REVERSE; }
static inline uint32_t nightbell_curses_underline(void) { return WA_UNDERLINE; }

// How many columns a character takes; negative for one that cannot be shown.
static inline int nightbell_curses_columns(uint32_t scalar) { return wcwidth((wchar_t)scalar); }
