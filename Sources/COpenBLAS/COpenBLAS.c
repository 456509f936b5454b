#define _GNU_SOURCE
#include "COpenBLAS.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// Without it there is nothing that a caller could do: as if it had been linked in and was missing.
static void fail(const char *problem) {
  fprintf(stderr, "error: OpenBLAS cannot be loaded: %s\nhint: apt-get install libopenblas0\n",
          problem);
  _exit(2);
}

static void load(void) {
  // Its own symbols first: those below have the same names.
  library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  if (!library) fail(dlerror());
}

void *openblas_symbol(const char *name) {
  pthread_once(&once, load);
  return dlsym(library, name);
}

static void *needed(const char *name) {
  void *symbol = openblas_symbol(name);
  if (!symbol) fail(dlerror());
  return symbol;
}

// Looked up at each call: some hundred nanoseconds beside a product of matrices.
#define FORWARD(NAME, ...) return ((__typeof__(&NAME))needed(#NAME))(__VA_ARGS__)

char *openblas_get_config(void) { FORWARD(openblas_get_config); }
char *openblas_get_corename(void) { FORWARD(openblas_get_corename); }
int openblas_get_parallel(void) { FORWARD(openblas_get_parallel); }
void openblas_set_num_threads(int count) { FORWARD(openblas_set_num_threads, count); }

void cblas_sgemm(OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_TRANSPOSE transa,
                 OPENBLAS_CONST enum CBLAS_TRANSPOSE transb, OPENBLAS_CONST blasint m,
                 OPENBLAS_CONST blasint n, OPENBLAS_CONST blasint k, OPENBLAS_CONST float alpha,
                 OPENBLAS_CONST float *a, OPENBLAS_CONST blasint lda, OPENBLAS_CONST float *b,
                 OPENBLAS_CONST blasint ldb, OPENBLAS_CONST float beta, float *c,
                 OPENBLAS_CONST blasint ldc) {
  FORWARD(cblas_sgemm, order, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void cblas_ssyrk(OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_UPLO uplo,
                 OPENBLAS_CONST enum CBLAS_TRANSPOSE trans, OPENBLAS_CONST blasint n,
                 OPENBLAS_CONST blasint k, OPENBLAS_CONST float alpha, OPENBLAS_CONST float *a,
                 OPENBLAS_CONST blasint lda, OPENBLAS_CONST float beta, float *c,
                 OPENBLAS_CONST blasint ldc) {
  FORWARD(cblas_ssyrk, order, uplo, trans, n, k, alpha, a, lda, beta, c, ldc);
}

void cblas_dsyrk(OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_UPLO uplo,
                 OPENBLAS_CONST enum CBLAS_TRANSPOSE trans, OPENBLAS_CONST blasint n,
                 OPENBLAS_CONST blasint k, OPENBLAS_CONST double alpha, OPENBLAS_CONST double *a,
                 OPENBLAS_CONST blasint lda, OPENBLAS_CONST double beta, double *c,
                 OPENBLAS_CONST blasint ldc) {
  FORWARD(cblas_dsyrk, order, uplo, trans, n, k, alpha, a, lda, beta, c, ldc);
}

void dpotrf_(const char *uplo, const blasint *n, double *a, const blasint *lda, blasint *info,
             size_t uplo_length) {
  FORWARD(dpotrf_, uplo, n, a, lda, info, uplo_length);
}

void dpotrs_(const char *uplo, const blasint *n, const blasint *nrhs, const double *a,
             const blasint *lda, double *b, const blasint *ldb, blasint *info, size_t uplo_length) {
  FORWARD(dpotrs_, uplo, n, nrhs, a, lda, b, ldb, info, uplo_length);
}

void dsyevd_(const char *jobz, const char *uplo, const blasint *n, double *a, const blasint *lda,
             double *w, double *work, const blasint *lwork, blasint *iwork, const blasint *liwork,
             blasint *info, size_t jobz_length, size_t uplo_length) {
  FORWARD(dsyevd_, jobz, uplo, n, a, lda, w, work, lwork, iwork, liwork, info, jobz_length,
          uplo_length);
}
