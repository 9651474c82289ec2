// What a walk costs in C, to judge the Go walk by: `bowerbird bench graph` compiles this with cc -O3 -march=native -pthread.
//
//   walk FILE
//
// copies the offsets and neighbours of both directions out of a checkpoint (graph/checkpoint.go draws it) into memory of huge pages,
// as graph.Options.Copy does. Then each line of standard input
//
//   MODE threads steps restart n seed top id...
//
// asks for n walks of one query each, from the left nodes id..., walk i with seed + i, and for the top nodes of each but its start,
// those visited most, best first, equal ones by id; top 0 asks for no choice. It answers with the nanoseconds that all of them took by
// the clock and by the processor, and the sum over the chosen (with top 0: all) of visits times mixed id, times the rank that is
// chosen with, which the Go program compares with its own: both take the very same steps and give the same answer. MODE p is the
// plain loop: one walker after the other, as one would write it down. MODE i keeps LANES walkers abreast and prefetches.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define LANES 16
#define MOST 1000 // the largest top
#define GOLD 0x9e3779b97f4a7c15ull

typedef struct { uint32_t *off, *to; } rows;
typedef struct { uint32_t key, n; } slot;
typedef struct {
  slot *table;
  uint32_t *used, n, shift;
  uint64_t mask;
} counter;

static rows a, b;

static inline uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

static inline uint32_t draw(const rows *r, uint32_t id, uint32_t bits) {
  uint32_t lo = r->off[id], hi = r->off[id + 1];
  return lo + (uint32_t)((uint64_t)bits * (hi - lo) >> 32);
}

static inline void count(counter *c, uint32_t id) {
  uint64_t i = id * GOLD >> c->shift & c->mask;
  while (c->table[i].key && c->table[i].key != id + 1) i = (i + 1) & c->mask;
  c->table[i].key = id + 1;
  c->used[c->n] = i;
  c->n += c->table[i].n++ == 0;
}

// A heap of the best, whose root is the worst of them. A key is visits and the complement of the id.
static void sink(uint64_t *h, int n, int i) {
  for (int k; (k = 2 * i + 1) < n; i = k) {
    k += k + 1 < n && h[k + 1] < h[k];
    if (h[i] <= h[k]) return;
    uint64_t x = h[i];
    h[i] = h[k], h[k] = x;
  }
}

static int descending(const void *x, const void *y) {
  uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
  return a < b ? 1 : a > b ? -1 : 0;
}

static uint64_t choose(counter *c, uint32_t home, int top) {
  uint64_t heap[MOST], sum = 0;
  int n = 0;
  for (uint32_t k = 0; k < c->n; k++) {
    slot *s = &c->table[c->used[k]];
    uint64_t x = (uint64_t)s->n << 32 | (uint32_t)~(s->key - 1);
    int is_home = s->key - 1 == home;
    s->key = s->n = 0;
    if (n == top && x <= heap[0] || is_home) continue;
    if (n < top) {
      heap[n++] = x;
      if (n == top)
        for (int i = n / 2 - 1; i >= 0; i--) sink(heap, n, i);
    } else {
      heap[0] = x;
      sink(heap, n, 0);
    }
  }
  c->n = 0;
  qsort(heap, n, 8, descending);
  for (int i = 0; i < n; i++) sum += (i + 1) * (heap[i] >> 32) * mix((uint32_t)~heap[i]);
  return sum;
}

static uint64_t finish(counter *c, uint32_t home, int top) {
  if (top) return choose(c, home, top);
  uint64_t sum = 0;
  for (uint32_t k = 0; k < c->n; k++) {
    slot *s = &c->table[c->used[k]];
    sum += s->n * mix(s->key - 1);
    s->key = s->n = 0;
  }
  c->n = 0;
  return sum;
}

typedef struct { uint32_t cur[LANES]; uint64_t rng[LANES]; } lanes;

static void start(lanes *l, uint32_t id, uint64_t seed) {
  uint64_t s = mix(seed ^ mix(1));
  for (int k = 0; k < LANES; k++) l->cur[k] = id, l->rng[k] = mix(s + (k + 1) * GOLD);
}

static void plain(counter *c, uint32_t home, uint64_t seed, long steps, uint32_t restart) {
  lanes l;
  start(&l, home, seed);
  for (int k = 0; k < LANES; k++)
    for (long i = 0; i < steps; i++) {
      uint64_t r = mix(l.rng[k] += GOLD);
      uint32_t mid = a.to[draw(&a, l.cur[k], r >> 32)];
      uint32_t to = b.to[draw(&b, mid, r)];
      count(c, to);
      l.cur[k] = (uint32_t)(r * 0xd1342543de82ef95ull >> 32) < restart ? home : to;
    }
}

static void interleaved(counter *c, uint32_t home, uint64_t seed, long steps, uint32_t restart) {
  lanes l;
  uint64_t r[LANES];
  uint32_t at[LANES], to[LANES];
  start(&l, home, seed);
  memset(to, 0, sizeof to);
  for (long i = 0; i < steps; i++) {
    for (int k = 0; k < LANES; k++) {
      r[k] = mix(l.rng[k] += GOLD);
      at[k] = draw(&a, l.cur[k], r[k] >> 32);
      __builtin_prefetch(&a.to[at[k]]);
    }
    for (int k = 0; k < LANES; k++) {
      at[k] = a.to[at[k]];
      __builtin_prefetch(&b.off[at[k]]);
    }
    if (i)
      for (int k = 0; k < LANES; k++) count(c, to[k]); // those of the step before, whose slots are here by now
    for (int k = 0; k < LANES; k++) {
      at[k] = draw(&b, at[k], r[k]);
      __builtin_prefetch(&b.to[at[k]]);
    }
    for (int k = 0; k < LANES; k++) {
      to[k] = b.to[at[k]];
      __builtin_prefetch(&c->table[to[k] * GOLD >> c->shift & c->mask]);
      l.cur[k] = (uint32_t)(r[k] * 0xd1342543de82ef95ull >> 32) < restart ? home : to[k];
      __builtin_prefetch(&a.off[l.cur[k]]);
    }
  }
  for (int k = 0; k < LANES; k++) count(c, to[k]);
}

static struct { int mode, threads, n, top; long steps; uint32_t restart, *ids; uint64_t seed; } job;

static void *work(void *arg) {
  int t = (int)(intptr_t)arg;
  static __thread counter c;
  static __thread long room;
  long per = (job.steps + LANES - 1) / LANES, size = 2;
  while (size <= 2 * job.steps) size *= 2;
  if (room < size) {
    c.table = aligned_alloc(64, size * sizeof(slot));
    memset(c.table, 0, size * sizeof(slot));
    c.used = malloc((size + 1) * 4);
    room = size;
  }
  c.mask = size - 1;
  c.shift = 64 - __builtin_ctzl(size);
  uint64_t *sum = calloc(1, 8);
  for (int i = t; i < job.n; i += job.threads) {
    (job.mode == 'p' ? plain : interleaved)(&c, job.ids[i], job.seed + i, per, job.restart);
    *sum += finish(&c, job.ids[i], job.top);
  }
  if (t) free(c.table), free(c.used);
  return sum;
}

static uint32_t *column(int fd, long at, long n) {
  size_t size = (n * 4 + (2 << 20)) & ~(size_t)((2 << 20) - 1);
  char *p = aligned_alloc(2 << 20, size);
  if (!p) exit(3);
  madvise(p, size, MADV_HUGEPAGE);
  for (long done = 0; done < n * 4;) {
    ssize_t k = pread(fd, p + done, n * 4 - done, at + done);
    if (k <= 0) exit(4);
    done += k;
  }
  return (uint32_t *)p;
}

static void read_rows(int fd) {
  uint32_t h[10], n;
  uint64_t total = 0, at;
  uint32_t t[14][4];
  if (pread(fd, h, 40, 0) != 40 || memcmp(h, "bowgraph", 8) || h[2] != 2 || h[3] > 14) exit(5);
  n = h[3];
  if (pread(fd, t, 16 * n, 40) != (ssize_t)(16 * n)) exit(5);
#define SIZE(i) ((uint64_t)t[i][3] << 32 | t[i][2])
  for (uint32_t i = 0; i < n; i++) total += (SIZE(i) + 7) & ~7ull;
  at = 40 + 16 * n + 8 + ((4 * ((total + (1 << 20) - 1) >> 20) + 11) & ~7ull);
  for (uint32_t i = 0; i < n; at += (SIZE(i) + 7) & ~7ull, i++) {
    rows *r = t[i][0] < 16 ? &a : &b;
    if (t[i][0] % 16 == 2) r->off = column(fd, at, SIZE(i) / 4);
    if (t[i][0] % 16 == 3) r->to = column(fd, at, SIZE(i) / 4);
  }
}

static long long since(struct timespec a, struct timespec b) {
  return (b.tv_sec - a.tv_sec) * 1000000000ll + b.tv_nsec - a.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  int fd = open(argv[1], O_RDONLY);
  if (fd < 0) return 2;
  read_rows(fd);
  printf("ready\n");
  fflush(stdout);
  char mode;
  while (scanf(" %c %d %ld %u %d %lu %d", &mode, &job.threads, &job.steps, &job.restart, &job.n, &job.seed, &job.top) == 7) {
    if (job.top < 0 || job.top > MOST) return 2;
    job.mode = mode;
    job.ids = realloc(job.ids, job.n * 4);
    for (int i = 0; i < job.n; i++)
      if (scanf("%u", &job.ids[i]) != 1) return 2;
    struct timespec t0, t1, c0, c1;
    clock_gettime(CLOCK_MONOTONIC, &t0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &c0);
    pthread_t th[64];
    uint64_t sum = 0;
    void *s;
    for (int t = 1; t < job.threads && t < 64; t++) pthread_create(&th[t], 0, work, (void *)(intptr_t)t);
    s = work(0), sum += *(uint64_t *)s, free(s);
    for (int t = 1; t < job.threads && t < 64; t++) pthread_join(th[t], &s), sum += *(uint64_t *)s, free(s);
    clock_gettime(CLOCK_MONOTONIC, &t1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &c1);
    printf("%lld %lld %llu\n", since(t0, t1), since(c0, c1), (unsigned long long)sum);
    fflush(stdout);
  }
  return 0;
}
