// InferModel: asynchronous jobs, their statuses, and several models on one scheduler.
#include <atomic>
#include <thread>

#include "hailort/hailort_testing.h"

namespace hailort::testing {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong(10000);

/// A model with the buffers of one frame.
struct Model {
  Model(VDevice& vdevice, Sample& sample) : model(vdevice.create_infer_model(sample.file()).release()) {}
  void configure() { configured = model->configure().release(); }

  ConfiguredInferModel::Bindings bind(Bytes& input, std::map<std::string, Bytes>& results) {
    auto bindings = configured.create_bindings().release();
    EXPECT_EQ(bindings.input()->set_buffer(MemoryView(input.data(), input.size())), HAILO_SUCCESS);
    for (const InferModel::InferStream& output : model->outputs()) {
      Bytes& result = results[output.name()];
      result.resize(output.get_frame_size());
      EXPECT_EQ(bindings.output(output.name())->set_buffer(MemoryView(result.data(), result.size())), HAILO_SUCCESS);
    }
    return bindings;
  }

  std::shared_ptr<InferModel> model;
  ConfiguredInferModel configured;
};

TEST(InferModelApi, ManyJobsGiveWhatTheSessionGives) {
  Sample sample;
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  Model model(*vdevice, sample);
  model.configure();
  constexpr int kFrames = 200;
  std::vector<Bytes> inputs;
  for (int i = 0; i < kFrames; ++i) inputs.push_back(sample.frame(i));
  std::vector<std::map<std::string, Bytes>> results(kFrames);
  std::atomic<int> called{0};
  AsyncInferJob last;
  for (int i = 0; i < kFrames; ++i) {
    ASSERT_EQ(model.configured.wait_for_async_ready(kLong), HAILO_SUCCESS);
    auto job = model.configured.run_async(model.bind(inputs[i], results[i]), [&](const AsyncInferCompletionInfo& info) {
      EXPECT_EQ(info.status, HAILO_SUCCESS);
      ++called;
    });
    ASSERT_EQ(job.status(), HAILO_SUCCESS);
    job->detach();
    last = job.release();
  }
  ASSERT_EQ(last.wait(kLong), HAILO_SUCCESS);
  EXPECT_EQ(called, kFrames);
  for (int i = 0; i < kFrames; ++i) ASSERT_EQ(results[i], sample.expected(inputs[i])) << "frame " << i;
}

TEST(InferModelApi, ABatchIsOneJobAndOneCall) {
  Sample sample;
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  Model model(*vdevice, sample);
  model.model->set_batch_size(4);
  model.configure();
  std::vector<Bytes> inputs;
  for (int i = 0; i < 4; ++i) inputs.push_back(sample.frame(i));
  std::vector<std::map<std::string, Bytes>> results(4);
  std::vector<ConfiguredInferModel::Bindings> batch;
  for (int i = 0; i < 4; ++i) batch.push_back(model.bind(inputs[i], results[i]));
  std::atomic<int> called{0};
  auto job = model.configured.run_async(batch, [&](const AsyncInferCompletionInfo&) { ++called; });
  ASSERT_EQ(job->wait(kLong), HAILO_SUCCESS);
  EXPECT_EQ(called, 1);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(results[i], sample.expected(inputs[i]));
}

TEST(InferModelApi, FormatsAreSharedByCopiesAndFloatsAreDequantized) {
  Sample sample;
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  Model model(*vdevice, sample);
  const std::string name = model.model->get_output_names()[0];
  model.model->output(name)->set_format_type(HAILO_FORMAT_TYPE_FLOAT32);
  EXPECT_EQ(model.model->outputs()[0].format().type, HAILO_FORMAT_TYPE_FLOAT32);
  const std::size_t elements = sample.expected(sample.frame(0)).at(name).size();
  EXPECT_EQ(model.model->outputs()[0].get_frame_size(), elements * 4);
  model.configure();
  Bytes input = sample.frame(5);
  std::map<std::string, Bytes> results;
  ASSERT_EQ(model.configured.run(model.bind(input, results), kLong), HAILO_SUCCESS);
  const auto* reals = reinterpret_cast<const float*>(results[name].data());
  const hailo_quant_info_t quant = model.model->outputs()[0].get_quant_infos()[0];
  const Bytes codes = sample.expected(input).at(name);
  for (std::size_t i = 0; i < elements; ++i)
    ASSERT_EQ(reals[i], (static_cast<float>(codes[i]) - quant.qp_zp) * quant.qp_scale);
}

TEST(InferModelApi, MistakesHaveTheirStatuses) {
  Sample sample;
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  EXPECT_EQ(vdevice->create_infer_model(sample.file(), "other").status(), HAILO_NOT_IMPLEMENTED);
  Model model(*vdevice, sample);
  EXPECT_EQ(model.model->output().status(), HAILO_INVALID_OPERATION);
  EXPECT_EQ(model.model->output("other").status(), HAILO_NOT_FOUND);
  EXPECT_EQ(model.model->outputs()[0].get_nms_shape().status(), HAILO_INVALID_OPERATION);
  model.model->set_batch_size(1000);
  EXPECT_EQ(model.model->configure().status(), HAILO_INVALID_OPERATION);
  model.model->set_batch_size(0);
  model.configure();
  ConfiguredInferModel& configured = model.configured;
  EXPECT_EQ(configured.run_async(configured.create_bindings().release()).status(), HAILO_NOT_FOUND);
  Bytes input = sample.frame(0);
  std::map<std::string, Bytes> results;
  auto bindings = model.bind(input, results);
  bindings.input()->set_buffer(MemoryView(input.data(), input.size() - 1));
  EXPECT_EQ(configured.run_async(bindings).status(), HAILO_INVALID_OPERATION);
  bindings = model.bind(input, results);
  bindings.output(sample.outputs()[0])->set_pix_buffer({});
  EXPECT_EQ(configured.run_async(bindings).status(), HAILO_NOT_SUPPORTED);
  EXPECT_EQ(bindings.output(sample.outputs()[0])->get_buffer().status(), HAILO_INVALID_OPERATION);
  EXPECT_EQ(configured.create_bindings({{"other", MemoryView()}}).status(), HAILO_INVALID_ARGUMENT);
  const uint32_t queue = static_cast<uint32_t>(configured.get_async_queue_size().value());
  EXPECT_EQ(configured.wait_for_async_ready(milliseconds(1), queue + 1), HAILO_TIMEOUT);
  EXPECT_EQ(configured.run_async(std::vector(queue + 1, model.bind(input, results))).status(), HAILO_QUEUE_IS_FULL);
  EXPECT_EQ(configured.get_hw_latency_measurement().status(), HAILO_NOT_AVAILABLE);
  EXPECT_EQ(AsyncInferJob().wait(milliseconds(0)), HAILO_SUCCESS);
  EXPECT_EQ(configured.shutdown(), HAILO_SUCCESS);
  EXPECT_EQ(configured.run_async(model.bind(input, results)).status(), HAILO_STREAM_ABORT);
}

TEST(InferModelApi, WithoutASchedulerItIsActivatedByHand) {
  Sample sample;
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_NONE);
  Model model(*vdevice, sample);
  model.configure();
  Bytes input = sample.frame(1);
  std::map<std::string, Bytes> results;
  EXPECT_EQ(model.configured.run_async(model.bind(input, results)).status(), HAILO_STREAM_NOT_ACTIVATED);
  ASSERT_EQ(model.configured.activate(), HAILO_SUCCESS);
  ASSERT_EQ(model.configured.run(model.bind(input, results), kLong), HAILO_SUCCESS);
  EXPECT_EQ(results, sample.expected(input));
  EXPECT_EQ(model.configured.deactivate(), HAILO_SUCCESS);
}

TEST(InferModelApi, MeasuresLatencyWhenAsked) {
  Sample sample;
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  Model model(*vdevice, sample);
  model.model->set_hw_latency_measurement_flags(HAILO_LATENCY_MEASURE | HAILO_LATENCY_CLEAR_AFTER_GET);
  model.configure();
  Bytes input = sample.frame(1);
  std::map<std::string, Bytes> results;
  for (int i = 0; i < 2; ++i) ASSERT_EQ(model.configured.run(model.bind(input, results), kLong), HAILO_SUCCESS);
  EXPECT_GT(model.configured.get_hw_latency_measurement()->avg_hw_latency.count(), 0);
}

// Each thread's model has weights of its own: a frame that reached another would have other bytes.
TEST(Scheduler, ThreadsAndModelsLoseAndMixNoFrame) {
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN, "SHARED");
  std::vector<std::thread> threads;
  for (uint32_t seed = 1; seed <= 4; ++seed)
    threads.emplace_back([seed] {
      const auto own = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN, "SHARED");
      Sample sample(seed);
      Model model(*own, sample);
      model.model->set_batch_size(static_cast<uint16_t>(seed));
      model.configure();
      ASSERT_EQ(model.configured.set_scheduler_priority(static_cast<uint8_t>(16 + seed % 2)), HAILO_SUCCESS);
      ASSERT_EQ(model.configured.set_scheduler_threshold(seed), HAILO_SUCCESS);
      ASSERT_EQ(model.configured.set_scheduler_timeout(milliseconds(seed)), HAILO_SUCCESS);
      for (int i = 0; i < 50; ++i) {
        Bytes input = sample.frame(i);
        std::map<std::string, Bytes> results;
        ASSERT_EQ(model.configured.run(model.bind(input, results), kLong), HAILO_SUCCESS);
        ASSERT_EQ(results, sample.expected(input)) << "model " << seed << ", frame " << i;
      }
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace hailort::testing
