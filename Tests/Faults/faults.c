// Preloaded into a program: counts the calls that change something on a disk or tell somebody, writes them down, and
// has one of them fail, or the process die before it.
//
//   FAULTS_LOG=FILE      a line for each call: name, descriptor, inode, bytes, offset, result, paths
//   FAULTS_DATA=1        after each line of a write, what is written
//   FAULTS_AT=N          the N-th call, from 0
//   FAULTS_KIND=KILL | EIO | ENOSPC    once; ENOSPC from then on, wherever space is needed
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int output = -1, withData;
static long count, target = -1;
static enum { NONE, KILL, IO, FULL } kind;

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  const char *at = getenv("FAULTS_AT"), *what = getenv("FAULTS_KIND"), *log = getenv("FAULTS_LOG");
  if (at) target = atol(at);
  if (what) kind = !strcmp(what, "KILL") ? KILL : !strcmp(what, "EIO") ? IO : FULL;
  withData = getenv("FAULTS_DATA") != NULL;
  if (log) {
    int low = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    output = fcntl(low, F_DUPFD_CLOEXEC, 900);
    close(low);
  }
}

static void put(const void *bytes, size_t length) {
  while (length > 0) {
    ssize_t done = syscall(SYS_write, output, bytes, length);
    if (done <= 0) abort();
    bytes = (const char *)bytes + done;
    length -= done;
  }
}

// Whether the call is to fail; errno is set then.
static int fails(int needsSpace) {
  long number = count++;
  if (number == target && kind == KILL) syscall(SYS_kill, getpid(), SIGKILL);
  if (number == target && kind == IO) return errno = EIO, 1;
  if (target >= 0 && kind == FULL && (number == target || (number > target && needsSpace))) return errno = ENOSPC, 1;
  return 0;
}

static void note(const char *name, int fd, ino_t inode, long length, long offset, long result, const char *one,
                 const char *two, const void *data) {
  if (output < 0) return;
  int code = errno;
  char place[4200] = "", line[9000], link[40];
  if (!one && fd >= 0) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, place, sizeof place - 1);
    place[size < 0 ? 0 : size] = 0;
    one = place;
  }
  int size = snprintf(line, sizeof line, "%s\t%d\t%lu\t%ld\t%ld\t%ld\t%s\t%s\n", name, fd, (unsigned long)inode, length,
                      offset, result, one ? one : "", two ? two : "");
  put(line, size);
  if (withData && data && result > 0) put(data, result);
  errno = code;
}

static ino_t inode(int fd) {
  struct stat status;
  return fstat(fd, &status) ? 0 : status.st_ino;
}

static ino_t inodeAt(const char *path) {
  struct stat status;
  return lstat(path, &status) ? 0 : status.st_ino;
}

// Standard output, and files; not what threads tell each other, nor news and errors.
static int counts(int fd) {
  struct stat status;
  if (fd == 2 || fd == output || fstat(fd, &status)) return 0;
  return fd == 1 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
}

#define GUARDED(type, needsSpace, call, told) \
  pthread_mutex_lock(&mutex); \
  type result = fails(needsSpace) ? (type)-1 : call; \
  int code = errno; \
  told; \
  errno = code; \
  pthread_mutex_unlock(&mutex); \
  return result

ssize_t write(int fd, const void *data, size_t length) {
  REAL(ssize_t, write, int, const void *, size_t);
  if (!counts(fd)) return real(fd, data, length);
  // Files that are appended to are written at their end.
  struct stat status;
  off_t offset = fcntl(fd, F_GETFL) & O_APPEND && !fstat(fd, &status) ? status.st_size : lseek(fd, 0, SEEK_CUR);
  GUARDED(ssize_t, fd != 1, real(fd, data, length),
          note("write", fd, inode(fd), length, offset, result, NULL, NULL, data));
}

static ssize_t positioned(ssize_t (*real)(int, const void *, size_t, off64_t), int fd, const void *data, size_t length,
                          off64_t offset) {
  if (!counts(fd)) return real(fd, data, length, offset);
  GUARDED(ssize_t, 1, real(fd, data, length, offset),
          note("write", fd, inode(fd), length, offset, result, NULL, NULL, data));
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  REAL(ssize_t, pwrite, int, const void *, size_t, off64_t);
  return positioned(real, fd, data, length, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
  return positioned(real, fd, data, length, offset);
}

static int truncating(int (*real)(int, off64_t), int fd, off64_t length) {
  GUARDED(int, 0, real(fd, length), note("truncate", fd, inode(fd), length, 0, result, NULL, NULL, NULL));
}

int ftruncate(int fd, off_t length) {
  REAL(int, ftruncate, int, off64_t);
  return truncating(real, fd, length);
}

int ftruncate64(int fd, off64_t length) {
  REAL(int, ftruncate64, int, off64_t);
  return truncating(real, fd, length);
}

#define ON_DESCRIPTOR(name, told) \
  int name(int fd) { \
    REAL(int, name, int); \
    GUARDED(int, 0, real(fd), note(told, fd, inode(fd), 0, 0, result, NULL, NULL, NULL)); \
  }
ON_DESCRIPTOR(fsync, "sync")
ON_DESCRIPTOR(fdatasync, "sync")

int fchmod(int fd, mode_t mode) {
  REAL(int, fchmod, int, mode_t);
  GUARDED(int, 0, real(fd, mode), note("chmod", fd, inode(fd), 0, 0, result, NULL, NULL, NULL));
}

// `create` where the name is new, `open` where it was there.
#define OPENING(name, ...) \
  do { \
    pthread_mutex_lock(&mutex); \
    ino_t before = inodeAt(path); \
    int result = fails(1) ? -1 : real(__VA_ARGS__); \
    int nameless = (flags & O_TMPFILE) == O_TMPFILE; \
    note(nameless ? "nameless" : before ? "open" : "create", result, result < 0 ? 0 : inode(result), 0, 0, result, \
         path, NULL, NULL); \
    pthread_mutex_unlock(&mutex); \
    return result; \
  } while (0)

static int isMaking(int flags) { return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE; }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = isMaking(flags) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (!isMaking(flags)) return real(path, flags, mode); \
    OPENING(name, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    REAL(int, name, int, const char *, int, ...); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = isMaking(flags) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (!isMaking(flags)) return real(folder, path, flags, mode); \
    OPENING(name, folder, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

#define ON_PATH(name) \
  int name(const char *path) { \
    REAL(int, name, const char *); \
    GUARDED(int, 0, real(path), note(#name, -1, 0, 0, 0, result, path, NULL, NULL)); \
  }
ON_PATH(unlink)
ON_PATH(rmdir)

int mkdir(const char *path, mode_t mode) {
  REAL(int, mkdir, const char *, mode_t);
  GUARDED(int, 1, real(path, mode), note("mkdir", -1, inodeAt(path), 0, 0, result, path, NULL, NULL));
}

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  GUARDED(int, 0, real(from, to), note("rename", -1, inodeAt(to), 0, 0, result, from, to, NULL));
}

int renameat2(int one, const char *from, int two, const char *to, unsigned flags) {
  REAL(int, renameat2, int, const char *, int, const char *, unsigned);
  GUARDED(int, 0, real(one, from, two, to, flags),
          note(flags & 2 ? "exchange" : "rename", -1, 0, 0, 0, result, from, to, NULL));
}

int linkat(int one, const char *from, int two, const char *to, int flags) {
  REAL(int, linkat, int, const char *, int, const char *, int);
  GUARDED(int, 1, real(one, from, two, to, flags), note("link", -1, inodeAt(to), 0, 0, result, from, to, NULL));
}
