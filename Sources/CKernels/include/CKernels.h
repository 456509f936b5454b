// The hot loops, one table of functions per instruction set. All tables give equal bits.
//
// Shape alphabet: rows, columns of a row-major matrix; ld* is the distance in floats between rows;
// n tokens of one sequence; heads × hd = model width. Every matrix is dense float32.
#ifndef DORMOUSE_KERNELS_H
#define DORMOUSE_KERNELS_H

#include <stdint.h>

// Width of the partial sums that every reduction keeps, on every instruction set.
#define DM_LANES 16

typedef enum dm_family { DM_BASELINE = 0, DM_AVX2 = 1, DM_AVX512 = 2 } dm_family;

// NN: A[m,k] B[k,n]; NT: A[m,k] B[n,k]; TN: A[k,m] B[k,n]; NP: A[m,k] B[k,n] as `pack` left it.
typedef enum dm_form { DM_NN = 0, DM_NT = 1, DM_TN = 2, DM_NP = 3 } dm_form;

typedef struct dm_adam {
  float beta1, beta2, epsilon;
  float gradient_scale;        // the clip coefficient
  float step_size;             // learning rate / (1 - beta1^t)
  float second_scale;          // 1 / sqrt(1 - beta2^t)
  float keep;                  // 1 - learning rate * weight decay
} dm_adam;

typedef struct dm_kernels {
  // C[m,n] = start (or 0) + bias (or 0, one row) + product. Each output is one sequential FMA chain
  // over k. start may be C itself (accumulation); bias and start may be NULL.
  void (*_Nonnull gemm)(dm_form form, long m, long n, long k, const float *_Nonnull a, long lda,
                        const float *_Nonnull b, long ldb, const float *_Nullable bias,
                        const float *_Nullable start, long lds, float *_Nonnull c, long ldc);
  // packed[k * n rounded up to 16] = B of form NN or NT, in this family's own order, for form NP.
  void (*_Nonnull pack)(dm_form form, long n, long k, const float *_Nonnull b, long ldb,
                        float *_Nonnull packed);
  // y[rows,d] = (x - mean) / sqrt(var + 1e-5) * gain + shift; statistics[2*rows] = mean, 1/sd.
  void (*_Nonnull layer_norm)(long rows, long d, const float *_Nonnull x,
                              const float *_Nonnull gain, const float *_Nonnull shift,
                              float *_Nonnull y, float *_Nonnull statistics);
  // sum = x + delta, then the layer norm of sum.
  void (*_Nonnull add_layer_norm)(long rows, long d, const float *_Nonnull x,
                                  const float *_Nonnull delta, float *_Nonnull sum,
                                  const float *_Nonnull gain, const float *_Nonnull shift,
                                  float *_Nonnull y, float *_Nonnull statistics);
  // dx = start (or 0) + pullback of dy; dgain and dshift accumulate. start may be dx.
  void (*_Nonnull layer_norm_backward)(long rows, long d, const float *_Nonnull x,
                                       const float *_Nonnull statistics,
                                       const float *_Nonnull gain, const float *_Nonnull dy,
                                       const float *_Nullable start, float *_Nonnull dx,
                                       float *_Nonnull dgain, float *_Nonnull dshift);
  // y = GELU(x), tanh form; slope (may be NULL) = its derivative at x. slope may be x.
  void (*_Nonnull gelu)(long count, const float *_Nonnull x, float *_Nonnull y,
                        float *_Nullable slope);
  // z = start (or 0) + x * y, elementwise; start may be z.
  void (*_Nonnull multiply)(long count, const float *_Nonnull x, const float *_Nonnull y,
                            const float *_Nullable start, float *_Nonnull z);
  // y += x.
  void (*_Nonnull add)(long count, const float *_Nonnull x, float *_Nonnull y);
  // y = e^x, for |x| < 87; saturates beyond.
  void (*_Nonnull exponential)(long count, const float *_Nonnull x, float *_Nonnull y);
  // y = e^((x - largest x) / temperature) in double, as Elementary.exp has it; temperature > 0.
  void (*_Nonnull likelihoods)(long count, const float *_Nonnull x, double temperature,
                               double *_Nonnull y);
  // total[columns] += the sum of the rows, in row order.
  void (*_Nonnull column_sum)(long rows, long columns, const float *_Nonnull x, long ldx,
                              float *_Nonnull total);
  // total[columns] += the sum of the rows in double, in row order.
  void (*_Nonnull column_total)(long rows, long columns, const float *_Nonnull x, long ldx,
                                double *_Nonnull total);
  // y[rows] = x[rows, columns] w, each in 16 partial sums.
  void (*_Nonnull dots)(long rows, long columns, const float *_Nonnull x, long ldx,
                        const float *_Nonnull w, float *_Nonnull y);
  // y[rows] = x[rows, columns] direction in double: products and sums one by one, in column order.
  void (*_Nonnull projection)(long rows, long columns, const float *_Nonnull x, long ldx,
                              const double *_Nonnull direction, double *_Nonnull y);
  // C[m,n] += sign A^T B in double, of A[k,m] and B[k,n]; n a multiple of 8. Each output is one
  // sequential FMA chain over k.
  void (*_Nonnull gram)(long m, long n, long k, double sign, const double *_Nonnull a, long lda,
                        const double *_Nonnull b, long ldb, double *_Nonnull c, long ldc);
  // Causal attention of one sequence; qkv[n, 3*heads*hd], out[n, heads*hd],
  // probabilities[heads, n, n rounded up to 16]. scratch: dm_attention_scratch floats.
  // visible[n, n rounded up to 16]: all ones where a query sees a key, else 0; NULL = all before it.
  void (*_Nonnull attention)(long n, long heads, long hd, const float *_Nonnull qkv,
                             const int32_t *_Nullable visible, float *_Nonnull out,
                             float *_Nonnull probabilities, float *_Nonnull scratch);
  // dqkv is overwritten. Of a mask the probabilities know enough.
  void (*_Nonnull attention_backward)(long n, long heads, long hd, const float *_Nonnull qkv,
                                      const float *_Nonnull probabilities,
                                      const float *_Nonnull dout, float *_Nonnull dqkv,
                                      float *_Nonnull scratch);
  // One query against n cached keys: keys[heads, capacity / 16, hd, 16] (capacity a multiple of 16),
  // values[capacity, heads*hd], q and out[heads*hd]. scratch: heads*capacity floats.
  // visible[n rounded up to 16] as above, of this query.
  void (*_Nonnull attention_cached)(long n, long capacity, long heads, long hd,
                                    const float *_Nonnull q, const float *_Nonnull keys,
                                    const float *_Nonnull values,
                                    const int32_t *_Nullable visible, float *_Nonnull out,
                                    float *_Nonnull scratch);
  // Per row: totals[2r] = sum of exp(logit - max), totals[2r+1] = logit[target] - max. Where
  // gradient is not 0, logits become scale[r] * (softmax - onehot(target)).
  void (*_Nonnull cross_entropy)(long rows, long classes, float *_Nonnull logits,
                                 const int32_t *_Nonnull targets, const float *_Nonnull scale,
                                 float *_Nonnull totals, int gradient);
  // Per row, with d = (x - max x) - (y - max y) and p = softmax(x): totals[3r] = sum of exp(x - max x),
  // totals[3r+1] the same of y, totals[3r+2] = sum of p d. gradient[rows, classes] (may be NULL) =
  // scale[r] p (d - sum of p d). A row of scale 0 is not computed: its totals are 1, 1, 0.
  void (*_Nonnull divergence)(long rows, long classes, const float *_Nonnull x,
                              const float *_Nonnull y, const float *_Nonnull scale,
                              float *_Nonnull totals, float *_Nullable gradient);
  // out = (a + b) + (c + d), and the sum of its squares in 16 double lanes.
  double (*_Nonnull reduce)(long count, const float *_Nonnull a, const float *_Nonnull b,
                            const float *_Nonnull c, const float *_Nonnull d,
                            float *_Nonnull out);
  // One AdamW update in place.
  void (*_Nonnull adam)(long count, float *_Nonnull parameters, float *_Nonnull first,
                        float *_Nonnull second, const float *_Nonnull gradient,
                        const dm_adam *_Nonnull options);
  // Only for measuring: independent FMA chains in registers; values[32] are a factor and a term for
  // 16 lanes, the first 16 are overwritten. The number of floating-point operations done.
  double (*_Nonnull fma_peak)(long steps, float *_Nonnull values);
} dm_kernels;

// The best family that this processor and operating system can run.
dm_family dm_best_family(void);
// The table of a family. The caller makes sure that the processor can run it.
const dm_kernels *_Nonnull dm_kernels_of(dm_family family);
// Floats of scratch for attention and its backward.
long dm_attention_scratch(long n, long hd);

#endif
