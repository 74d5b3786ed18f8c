// Running statistics of one measured quantity.
#pragma once

#include <memory>
#include <string>
#include <type_traits>

#include "hailo/expected.hpp"

namespace hailort {

/// Each is an error (HAILO_UNINITIALIZED) while there are too few samples to tell.
class AccumulatorResults final {
 public:
  AccumulatorResults(const Expected<size_t>& count, const Expected<double>& min, const Expected<double>& max,
                     const Expected<double>& mean, const Expected<double>& var, const Expected<double>& sd,
                     const Expected<double>& mean_sd)
      : m_count(count), m_min(min), m_max(max), m_mean(mean), m_var(var), m_sd(sd), m_mean_sd(mean_sd) {}
  AccumulatorResults(AccumulatorResults&&) = default;
  AccumulatorResults(const AccumulatorResults&) = delete;
  AccumulatorResults& operator=(AccumulatorResults&&) = delete;
  AccumulatorResults& operator=(const AccumulatorResults&) = delete;

  Expected<size_t> count() const { return Expected<size_t>(m_count); }
  Expected<double> min() const { return Expected<double>(m_min); }
  Expected<double> max() const { return Expected<double>(m_max); }
  Expected<double> mean() const { return Expected<double>(m_mean); }
  Expected<double> var() const { return Expected<double>(m_var); }
  Expected<double> sd() const { return Expected<double>(m_sd); }
  Expected<double> mean_sd() const { return Expected<double>(m_mean_sd); }

 private:
  Expected<size_t> m_count;
  Expected<double> m_min, m_max, m_mean, m_var, m_sd, m_mean_sd;
};

template <typename T, std::enable_if_t<std::is_arithmetic<T>::value, int> = 0>
class Accumulator {
 public:
  explicit Accumulator(const std::string& data_type) : m_data_type(data_type) {}
  Accumulator(Accumulator&&) = default;
  Accumulator(const Accumulator&) = delete;
  Accumulator& operator=(Accumulator&&) = delete;
  Accumulator& operator=(const Accumulator&) = delete;
  virtual ~Accumulator() = default;

  std::string get_data_type() const { return m_data_type; }
  virtual void add_data_point(T data, uint32_t samples_count = 1) = 0;
  virtual AccumulatorResults get_and_clear() = 0;
  virtual AccumulatorResults get() const = 0;
  virtual Expected<size_t> count() const = 0;
  virtual Expected<double> min() const = 0;
  virtual Expected<double> max() const = 0;
  virtual Expected<double> mean() const = 0;
  virtual Expected<double> var() const = 0;
  virtual Expected<double> sd() const = 0;
  virtual Expected<double> mean_sd() const = 0;

 private:
  const std::string m_data_type;
};

using AccumulatorPtr = std::shared_ptr<Accumulator<double>>;

}  // namespace hailort
