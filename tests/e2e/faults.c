// Makes one call of a kind fail, for tests: preloaded into the program, it counts the calls of
// MINESCAN_FAULT_CALL ("malloc", "read", "write", "open", "rename", "fsync") and lets number
// MINESCAN_FAULT_AT fail, and with MINESCAN_FAULT_ALL those behind it too.  MINESCAN_FAULT_HOW is an
// errno's number, or "short": then reads and writes take one byte.  Each process counts for itself.
// With MINESCAN_FAULT_COUNT set to a file, the number of calls is written there at the end.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

// What is no longer is read and written whole by every system: counters of events.
static const size_t kWord = 8;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char call[16];
static long at, how, all, is_short, active;
static atomic_long seen;

static void count_at_exit(void) {
  const char* path = getenv("MINESCAN_FAULT_COUNT");
  if (path == NULL) return;
  char text[32];
  const int size = snprintf(text, sizeof text, "%ld", atomic_load(&seen));
  active = 0;
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0) {
    (void)!write(file, text, (size_t)size);
    close(file);
  }
}

static void begin(void) {
  const char* name = getenv("MINESCAN_FAULT_CALL");
  if (name == NULL) return;
  const char* number = getenv("MINESCAN_FAULT_AT");
  const char* error = getenv("MINESCAN_FAULT_HOW");
  strncpy(call, name, sizeof call - 1);
  at = number == NULL ? 0 : atol(number);
  is_short = error != NULL && strcmp(error, "short") == 0;
  how = error == NULL || is_short ? EIO : atol(error);
  all = getenv("MINESCAN_FAULT_ALL") != NULL;
  if (getenv("MINESCAN_FAULT_COUNT") != NULL) atexit(count_at_exit);
  active = 1;
}

// Counting begins with main(): what libraries do before it nobody can answer for.
static int (*real_main)(int, char**, char**);

static int counted_main(int argc, char** argv, char** environment) {
  begin();
  return real_main(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void* stack) {
  real_main = main;
  return REAL(__libc_start_main)(counted_main, argc, argv, init, fini, rtld_fini, stack);
}

// Whether this call is to fail.
static int hit(const char* name) {
  if (!active || strcmp(name, call) != 0) return 0;
  const long number = atomic_fetch_add(&seen, 1) + 1;
  return at > 0 && (all ? number >= at : number == at);
}

void* malloc(size_t size) {
  if (hit("malloc")) return errno = ENOMEM, NULL;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  if (hit("malloc")) return errno = ENOMEM, NULL;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  if (hit("malloc")) return errno = ENOMEM, NULL;
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  if (hit("malloc")) return errno = ENOMEM, NULL;
  return __libc_memalign(alignment, size);
}

ssize_t read(int file, void* buffer, size_t size) {
  if (hit("read")) {
    if (!is_short) return errno = (int)how, -1;
    if (size > kWord) size = 1;
  }
  return REAL(read)(file, buffer, size);
}
ssize_t pread64(int file, void* buffer, size_t size, off64_t offset) {
  if (hit("read")) {
    if (!is_short) return errno = (int)how, -1;
    if (size > kWord) size = 1;
  }
  return REAL(pread64)(file, buffer, size, offset);
}
ssize_t pread(int file, void* buffer, size_t size, off_t offset) {
  return pread64(file, buffer, size, offset);
}
ssize_t write(int file, const void* buffer, size_t size) {
  if (hit("write")) {
    if (!is_short) return errno = (int)how, -1;
    if (size > kWord) size = 1;
  }
  return REAL(write)(file, buffer, size);
}
int fsync(int file) {
  if (hit("fsync")) return errno = (int)how, -1;
  return REAL(fsync)(file);
}
int rename(const char* from, const char* to) {
  if (hit("rename")) return errno = (int)how, -1;
  return REAL(rename)(from, to);
}
int renameat(int a, const char* from, int b, const char* to) {
  if (hit("rename")) return errno = (int)how, -1;
  return REAL(renameat)(a, from, b, to);
}

#define OPENED(name, ...)                                   \
  mode_t mode = 0;                                          \
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list more;                                           \
    va_start(more, flags);                                  \
    mode = va_arg(more, mode_t);                            \
    va_end(more);                                           \
  }                                                         \
  if (hit("open")) return errno = (int)how, -1;             \
  return REAL(name)(__VA_ARGS__, flags, mode)

int open64(const char* path, int flags, ...) { OPENED(open64, path); }
int open(const char* path, int flags, ...) { OPENED(open, path); }
int openat(int folder, const char* path, int flags, ...) { OPENED(openat, folder, path); }
int openat64(int folder, const char* path, int flags, ...) { OPENED(openat64, folder, path); }
