// ThreadPool: splits of index ranges over a fixed set of threads. Results never depend on the split.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace graupel {

/// Non-owning callable, so that a parallel loop allocates nothing.
class RangeTask {
 public:
  template <class F>
  RangeTask(const F& f)  // NOLINT: implicit by intent
      : object_(&f), call_([](const void* object, int64_t begin, int64_t end, int worker) {
          (*static_cast<const F*>(object))(begin, end, worker);
        }) {}
  void operator()(int64_t begin, int64_t end, int worker) const { call_(object_, begin, end, worker); }

 private:
  const void* object_;
  void (*call_)(const void*, int64_t, int64_t, int);
};

/// `threads` workers including the caller. One parallel loop at a time; loops do not nest.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  /// Runs task(begin, end, worker) over a partition of [0, count) into at most threads() ranges whose starts are
  /// multiples of `grain`; returns when all are done. worker is in [0, threads()) and no two ranges that run at the
  /// same time have the same; which range meets which worker depends on chance.
  void run(int64_t count, int64_t grain, RangeTask task);
  void run(int64_t count, RangeTask task) { run(count, 1, task); }

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

/// The number of CPUs this process may use.
int available_threads();

}  // namespace graupel
