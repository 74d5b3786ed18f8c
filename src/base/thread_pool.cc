#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace graupel {
namespace {

// Long enough to bridge two layers, short enough that an oversubscribed machine is not starved.
constexpr int kSpins = 2000;

void pause_cpu() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

/// Waits until `value` differs from `old`: a bounded spin, then a futex wait.
uint32_t wait_while_equal(const std::atomic<uint32_t>& value, uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    const uint32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    pause_cpu();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

// A loop is cut into as many parts as there are threads, and whoever is awake takes the next part: on a busy machine
// the caller does the work of threads that have not come to run, instead of waiting for them.
struct ThreadPool::Shared {
  /// High half: number of the loop, so that a worker that comes late can take nothing of it; low half: parts not taken.
  std::atomic<uint64_t> open{0};
  std::atomic<uint32_t> generation{0};
  std::atomic<uint32_t> unfinished{0};
  std::atomic<bool> stop{false};  ///< a worker that comes late reads it while the last loop is over already
  int64_t count = 0;
  int64_t grain = 1;
  std::optional<RangeTask> task;
  std::vector<std::thread> workers;

  int64_t parts() const { return static_cast<int64_t>(workers.size()) + 1; }

  /// Takes a part of the loop in progress. The loop's fields hold still until all parts that were taken are finished.
  std::optional<int64_t> take_part() {
    uint64_t seen = open.load(std::memory_order_acquire);
    while (static_cast<uint32_t>(seen) != 0)
      if (open.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel, std::memory_order_acquire))
        return parts() - static_cast<int64_t>(static_cast<uint32_t>(seen));
    return {};
  }

  void run_parts(int worker) {
    while (const auto part = take_part()) {
      const int64_t grains = (count + grain - 1) / grain;
      const int64_t begin = std::min(count, grains * *part / parts() * grain);
      const int64_t end = std::min(count, grains * (*part + 1) / parts() * grain);
      if (begin < end) (*task)(begin, end, worker);
      if (unfinished.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished.notify_one();
    }
  }

  void work(int worker) {
    uint32_t seen = 0;
    while (true) {
      seen = wait_while_equal(generation, seen);
      if (stop.load(std::memory_order_relaxed)) return;
      run_parts(worker);
    }
  }
};

ThreadPool::ThreadPool(int threads) : shared_(std::make_unique<Shared>()) {
  const int extra = std::max(threads, 1) - 1;
  shared_->workers.reserve(static_cast<std::size_t>(extra));
  // All workers must exist before any of them reads workers.size(): none runs until the first generation.
  for (int i = 0; i < extra; ++i) shared_->workers.emplace_back([this, i] { shared_->work(i + 1); });
}

ThreadPool::~ThreadPool() {
  shared_->stop.store(true, std::memory_order_relaxed);
  shared_->generation.fetch_add(1, std::memory_order_release);
  shared_->generation.notify_all();
  for (std::thread& worker : shared_->workers) worker.join();
}

int ThreadPool::threads() const { return static_cast<int>(shared_->workers.size()) + 1; }

void ThreadPool::run(int64_t count, int64_t grain, RangeTask task) {
  if (count <= 0) return;
  if (shared_->workers.empty() || count <= grain) return task(0, count, 0);
  shared_->count = count;
  shared_->grain = grain;
  shared_->task = task;
  const auto parts = static_cast<uint32_t>(shared_->parts());
  const uint32_t loop = shared_->generation.load(std::memory_order_relaxed) + 1;
  shared_->unfinished.store(parts, std::memory_order_relaxed);
  shared_->open.store(uint64_t{loop} << 32 | parts, std::memory_order_release);
  shared_->generation.store(loop, std::memory_order_release);
  shared_->generation.notify_all();
  shared_->run_parts(0);
  for (uint32_t left = shared_->unfinished.load(std::memory_order_acquire); left != 0;)
    left = wait_while_equal(shared_->unfinished, left);
}

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace graupel
