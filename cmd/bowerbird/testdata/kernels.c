// One query with many rows of 128 in plain loops, for `bowerbird bench vectors --parts kernels`: prints, by processor
// time, ns for each row of 256 in cache, of float32 and of int8, and GB/s of a scan of half a GiB of each.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIM = 128, NEAR = 256 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

__attribute__((noinline)) static void dotF32(float *restrict dst, const float *restrict q, const float *restrict rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float s = 0;
        for (int j = 0; j < DIM; j++) s += q[j] * rows[i * DIM + j];
        dst[i] = s;
    }
}

__attribute__((noinline)) static void dotI8(int32_t *restrict dst, const int8_t *restrict q, const int8_t *restrict rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        int32_t s = 0;
        for (int j = 0; j < DIM; j++) s += (int32_t)q[j] * rows[i * DIM + j];
        dst[i] = s;
    }
}

int main(void) {
    const size_t bytes = (size_t)1 << 29, rows = bytes / DIM;
    char *m = aligned_alloc(64, bytes);
    void *dst = malloc(4 * rows);
    float qf[DIM];
    int8_t q8[DIM];
    if (!m || !dst) return 1;
    for (int j = 0; j < DIM; j++) qf[j] = q8[j] = (int8_t)(j * 7 - 60);
    for (size_t i = 0; i < bytes / 4; i++) ((float *)m)[i] = (float)(i & 15);
    memset(dst, 0, 4 * rows);
    double start, least = 1e9;
    for (int b = 0; b < 200; b++) {
        start = now();
        for (int i = 0; i < 50; i++) dotF32(dst, qf, (float *)m, NEAR);
        start = now() - start;
        if (start < least) least = start;
    }
    printf("%.4f ", least * 1e9 / 50 / NEAR);
    least = 1e9;
    for (int b = 0; b < 200; b++) {
        start = now();
        for (int i = 0; i < 50; i++) dotI8(dst, q8, (int8_t *)m, NEAR);
        start = now() - start;
        if (start < least) least = start;
    }
    printf("%.4f ", least * 1e9 / 50 / NEAR);
    dotF32(dst, qf, (float *)m, rows / 4);
    start = now();
    dotF32(dst, qf, (float *)m, rows / 4);
    printf("%.4f ", bytes / (now() - start) * 1e-9);
    dotI8(dst, q8, (int8_t *)m, rows);
    start = now();
    dotI8(dst, q8, (int8_t *)m, rows);
    printf("%.4f\n", bytes / (now() - start) * 1e-9);
    return 0;
}
