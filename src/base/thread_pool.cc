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

struct ThreadPool::Shared {
  std::atomic<uint32_t> generation{0};
  std::atomic<uint32_t> running{0};
  bool stop = false;
  int64_t count = 0;
  int64_t grain = 1;
  std::optional<RangeTask> task;
  std::vector<std::thread> workers;

  void run_part(int worker) const {
    const int64_t parts = static_cast<int64_t>(workers.size()) + 1;
    const int64_t grains = (count + grain - 1) / grain;
    const int64_t begin = std::min(count, grains * worker / parts * grain);
    const int64_t end = std::min(count, grains * (worker + 1) / parts * grain);
    if (begin < end) (*task)(begin, end, worker);
  }

  void work(int worker) {
    uint32_t seen = 0;
    while (true) {
      seen = wait_while_equal(generation, seen);
      if (stop) return;
      run_part(worker);
      if (running.fetch_sub(1, std::memory_order_acq_rel) == 1) running.notify_one();
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
  shared_->stop = true;
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
  shared_->running.store(static_cast<uint32_t>(shared_->workers.size()), std::memory_order_relaxed);
  shared_->generation.fetch_add(1, std::memory_order_release);
  shared_->generation.notify_all();
  shared_->run_part(0);
  for (uint32_t left = shared_->running.load(std::memory_order_acquire); left != 0;)
    left = wait_while_equal(shared_->running, left);
}

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace graupel
