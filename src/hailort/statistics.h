// Running statistics in constant memory.
#pragma once

#include <mutex>

#include "hailo/runtime_statistics.hpp"

namespace hailort {

class Statistics final : public Accumulator<double> {
 public:
  using Accumulator::Accumulator;
  void add_data_point(double data, uint32_t samples_count = 1) override;
  AccumulatorResults get_and_clear() override;
  AccumulatorResults get() const override;
  Expected<size_t> count() const override { return get().count(); }
  Expected<double> min() const override { return get().min(); }
  Expected<double> max() const override { return get().max(); }
  Expected<double> mean() const override { return get().mean(); }
  Expected<double> var() const override { return get().var(); }
  Expected<double> sd() const override { return get().sd(); }
  Expected<double> mean_sd() const override { return get().mean_sd(); }

 private:
  struct Moments {
    size_t count = 0;
    double min = 0, max = 0, mean = 0, squares = 0;  ///< sum of squared distances from the mean
  };
  static AccumulatorResults results(const Moments& moments);

  mutable std::mutex mutex_;
  Moments moments_;
};

}  // namespace hailort
