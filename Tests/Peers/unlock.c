// MKL asks this whether it may use its AVX-512 paths.
int mkl_serv_intel_cpu_true(void) { return 1; }
