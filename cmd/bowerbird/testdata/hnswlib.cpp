// hnswlib at work for `bowerbird bench vectors`, without Python between: the protocol of vectors.py, and filters, deletes
// and replacement, whose Python forms would call back for each vector.
// Arguments: metric (l2 or ip), dim, rows file, queries file.
#include <hnswlib/hnswlib.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using hnswlib::labeltype;

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static double cpu() {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static long resident() {
    std::ifstream f("/proc/self/status");
    for (std::string line; std::getline(f, line);)
        if (line.rfind("RssAnon:", 0) == 0) return std::stol(line.substr(8)) * 1024;
    return 0;
}

template <class T>
static const T *map(const char *path, size_t &n) {
    int fd = open(path, O_RDONLY);
    struct stat s;
    if (fd < 0 || fstat(fd, &s) != 0) {
        perror(path);
        exit(1);
    }
    void *p = mmap(nullptr, s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    n = s.st_size / sizeof(T);
    return static_cast<const T *>(p);
}

struct Allowed : hnswlib::BaseFilterFunctor {
    const uint8_t *bits;
    bool operator()(labeltype id) override { return bits[id >> 3] >> (id & 7) & 1; }
};

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    size_t dim = std::stoul(argv[2]), nRows, nQueries;
    const float *rows = map<float>(argv[3], nRows), *queries = map<float>(argv[4], nQueries);
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    if (std::string(argv[1]) == "l2") space.reset(new hnswlib::L2Space(dim));
    else space.reset(new hnswlib::InnerProductSpace(dim));
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> x;
    auto each = [](size_t n, int threads, auto f) {
        std::atomic<size_t> next{0};
        std::vector<std::thread> all;
        for (int t = 0; t < threads; t++)
            all.emplace_back([&] {
                for (size_t i; (i = next++) < n;) f(i);
            });
        for (auto &t : all) t.join();
    };
    std::cout << "ready 0.8" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream in(line);
        std::vector<std::string> w;
        for (std::string s; std::getline(in, s, '\t');) w.push_back(s);
        try {
            if (w[0] == "build") {
                size_t n = std::stoul(w[1]);
                long before = resident();
                double start = now(), begin = cpu();
                x.reset(new hnswlib::HierarchicalNSW<float>(space.get(), n, std::stoul(w[2]), std::stoul(w[3]), 1, true));
                x->addPoint(rows, 0);
                each(n - 1, std::stoi(w[4]), [&](size_t i) { x->addPoint(rows + (i + 1) * dim, i + 1); });
                std::cout << "ok " << now() - start << " " << resident() - before << " " << cpu() - begin << std::endl;
            } else if (w[0] == "save") {
                x->saveIndex(w[1]);
                std::cout << "ok 0 0 0" << std::endl;
            } else if (w[0] == "load") {
                long before = resident();
                x.reset(new hnswlib::HierarchicalNSW<float>(space.get(), w[1], false, std::stoul(w[2]), true));
                std::cout << "ok 0 " << resident() - before << " 0" << std::endl;
            } else if (w[0] == "search") { // ef, k, from, to, allowed file or -, answers file
                size_t k = std::stoul(w[2]), from = std::stoul(w[3]), to = std::stoul(w[4]), size;
                Allowed allowed;
                bool filtered = w[5] != "-";
                if (filtered) allowed.bits = map<uint8_t>(w[5].c_str(), size);
                x->setEf(std::stoul(w[1]));
                std::vector<int32_t> ids((to - from) * k, -1);
                double start = now(), begin = cpu();
                for (size_t q = from; q < to; q++) {
                    auto best = x->searchKnn(queries + q * dim, k, filtered ? &allowed : nullptr);
                    for (size_t i = best.size(); i-- > 0; best.pop()) ids[(q - from) * k + i] = best.top().second;
                }
                double took = now() - start, used = cpu() - begin;
                std::ofstream(w[6], std::ios::binary).write(reinterpret_cast<char *>(ids.data()), ids.size() * 4);
                std::cout << "ok " << took << " 0 " << used << std::endl;
            } else if (w[0] == "churn") { // delete rows 0..n-1; put n rows that begin at `first` in their places
                size_t n = std::stoul(w[1]), first = std::stoul(w[2]);
                double start = now(), begin = cpu();
                for (size_t i = 0; i < n; i++) x->markDelete(i);
                for (size_t i = 0; i < n; i++) x->addPoint(rows + (first + i) * dim, first + i, true);
                std::cout << "ok " << now() - start << " 0 " << cpu() - begin << std::endl;
            } else {
                std::cout << "error unknown " << w[0] << std::endl;
            }
        } catch (const std::exception &e) {
            std::cout << "error " << e.what() << std::endl;
        }
    }
}
