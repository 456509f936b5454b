// OpenBLAS, loaded when the first of these is called. Linked in, it would start its threads in every process, and
// they spin for a tenth of a second beside commands that never compute.
#pragma once

#include <cblas.h>
#include <stddef.h>

// LAPACK by its Fortran names: Debian's library is built without LAPACKE. Matrices are column-major; each
// text argument has its length behind the others.
void dpotrf_(const char *uplo, const blasint *n, double *a, const blasint *lda, blasint *info,
             size_t uplo_length);
void dpotrs_(const char *uplo, const blasint *n, const blasint *nrhs, const double *a,
             const blasint *lda, double *b, const blasint *ldb, blasint *info, size_t uplo_length);
void dsyevd_(const char *jobz, const char *uplo, const blasint *n, double *a, const blasint *lda,
             double *w, double *work, const blasint *lwork, blasint *iwork, const blasint *liwork,
             blasint *info, size_t jobz_length, size_t uplo_length);

// What else the library exports under this name; null if nothing.
void *_Nullable openblas_symbol(const char *_Nonnull name);
