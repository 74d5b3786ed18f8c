// Whose turn it is: priorities, thresholds, timeouts and bursts, in an order that a test can foresee. The device's
// thread is held in the callback of a frame while others queue up.
#include <future>
#include <mutex>
#include <thread>

#include "hailort/hailort_testing.h"

namespace hailort::testing {
namespace {

using std::chrono::milliseconds;

/// The sample as raw asynchronous streams.
class Streams {
 public:
  Streams(VDevice& vdevice, Sample& sample, uint16_t batch) : frame_(sample.frame(1)) {
    Hef hef = sample.hef();
    auto params = vdevice.create_configure_params(hef).release();
    params.at("sample").batch_size = batch;
    for (auto& [name, own] : params.at("sample").stream_params_by_name) own.flags = HAILO_STREAM_FLAGS_ASYNC;
    group_ = vdevice.configure(hef, params).release()[0];
  }
  ~Streams() { group_->shutdown(); }

  ConfiguredNetworkGroup& group() { return *group_; }

  /// A frame whose end calls `done` in the device's thread.
  void submit(std::function<void()> done) {
    for (OutputStream& output : group_->get_output_streams()) {
      Bytes& bytes = *results_.emplace_back(std::make_unique<Bytes>(output.get_frame_size()));
      ASSERT_EQ(output.read_async(bytes.data(), bytes.size(), [](const OutputStream::CompletionInfo&) {}),
                HAILO_SUCCESS);
    }
    InputStream& input = group_->get_input_streams()[0];
    ASSERT_EQ(input.write_async(frame_.data(), frame_.size(),
                                [done = std::move(done)](const InputStream::CompletionInfo&) { done(); }),
              HAILO_SUCCESS);
  }

 private:
  Bytes frame_;
  std::vector<std::unique_ptr<Bytes>> results_;
  std::shared_ptr<ConfiguredNetworkGroup> group_;
};

/// Submits a frame whose callback holds the device until release().
class Hold {
 public:
  explicit Hold(Streams& streams) {
    streams.submit([this] {
      held_.set_value();
      released_.get_future().wait();
    });
    held_.get_future().wait();
  }
  void release() { released_.set_value(); }

 private:
  std::promise<void> held_, released_;
};

/// Names in the order in which frames ended.
class Order {
 public:
  explicit Order(std::size_t frames) : left_(frames) {}
  std::function<void()> add(char name) {
    return [this, name] {
      const std::lock_guard lock(mutex_);
      names_ += name;
      if (--left_ == 0) all_.set_value();
    };
  }
  std::string wait() {
    EXPECT_EQ(all_.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    const std::lock_guard lock(mutex_);
    return names_;
  }

 private:
  std::mutex mutex_;
  std::string names_;
  std::size_t left_;
  std::promise<void> all_;
};

class SchedulerOrder : public ::testing::Test {
 protected:
  std::unique_ptr<VDevice> vdevice_ = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  Sample sample_;
};

TEST_F(SchedulerOrder, EqualPrioritiesTakeTurns) {
  Streams a(*vdevice_, sample_, 1), b(*vdevice_, sample_, 1), held(*vdevice_, sample_, 1);
  Order order(6);
  Hold hold(held);
  for (int i = 0; i < 3; ++i) a.submit(order.add('a'));
  for (int i = 0; i < 3; ++i) b.submit(order.add('b'));
  hold.release();
  EXPECT_EQ(order.wait(), "ababab");
}

TEST_F(SchedulerOrder, AHigherPriorityGoesFirst) {
  Streams a(*vdevice_, sample_, 1), b(*vdevice_, sample_, 1), held(*vdevice_, sample_, 1);
  ASSERT_EQ(b.group().set_scheduler_priority(HAILO_SCHEDULER_PRIORITY_NORMAL + 1), HAILO_SUCCESS);
  Order order(6);
  Hold hold(held);
  for (int i = 0; i < 3; ++i) a.submit(order.add('a'));
  for (int i = 0; i < 3; ++i) b.submit(order.add('b'));
  hold.release();
  EXPECT_EQ(order.wait(), "bbbaaa");
}

TEST_F(SchedulerOrder, ABatchIsOneTurn) {
  Streams a(*vdevice_, sample_, 2), b(*vdevice_, sample_, 1), held(*vdevice_, sample_, 1);
  Order order(6);
  Hold hold(held);
  for (int i = 0; i < 4; ++i) a.submit(order.add('a'));
  for (int i = 0; i < 2; ++i) b.submit(order.add('b'));
  hold.release();
  EXPECT_EQ(order.wait(), "aabaab");
}

TEST_F(SchedulerOrder, AThresholdHoldsFramesBackUntilEnoughWait) {
  Streams a(*vdevice_, sample_, 1), b(*vdevice_, sample_, 1), held(*vdevice_, sample_, 1);
  ASSERT_EQ(a.group().set_scheduler_timeout(milliseconds(1'000'000)), HAILO_SUCCESS);
  ASSERT_EQ(a.group().set_scheduler_threshold(3), HAILO_SUCCESS);
  Order first(2), second(3);
  Hold hold(held);
  for (int i = 0; i < 2; ++i) a.submit(second.add('a'));
  for (int i = 0; i < 2; ++i) b.submit(first.add('b'));
  hold.release();
  EXPECT_EQ(first.wait(), "bb");  // two frames of a wait for a third
  a.submit(second.add('a'));
  // Below the threshold again, what is left waits once more: a fourth and a fifth frame let it go.
  for (int i = 0; i < 2; ++i) a.submit([] {});
  EXPECT_EQ(second.wait(), "aaa");
}

TEST_F(SchedulerOrder, ATimeoutLetsFewerFramesThanTheThresholdGo) {
  Streams a(*vdevice_, sample_, 1);
  ASSERT_EQ(a.group().set_scheduler_threshold(20), HAILO_SUCCESS);
  ASSERT_EQ(a.group().set_scheduler_timeout(milliseconds(20)), HAILO_SUCCESS);
  Order order(2);
  for (int i = 0; i < 2; ++i) a.submit(order.add('a'));
  EXPECT_EQ(order.wait(), "aa");
}

}  // namespace
}  // namespace hailort::testing
