// Virtual streams, raw streams, activation and the device's owners.
#include <thread>

#include "hailort/hailort_testing.h"

namespace hailort::testing {
namespace {

constexpr auto kNone = HAILO_SCHEDULING_ALGORITHM_NONE;
constexpr auto kRoundRobin = HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN;

std::pair<std::vector<InputVStream>, std::vector<OutputVStream>> vstreams(ConfiguredNetworkGroup& group,
                                                                          hailo_format_type_t type,
                                                                          uint32_t timeout_ms) {
  auto in = group.make_input_vstream_params(true, type, timeout_ms, 2).release();
  auto out = group.make_output_vstream_params(true, type, timeout_ms, 2).release();
  return {group.create_input_vstreams(in).release(), group.create_output_vstreams(out).release()};
}

/// Reads a frame of every output and compares it with the bare session's.
void expect_frame(Sample& sample, std::vector<OutputVStream>& outputs, int number) {
  const auto expected = sample.expected(sample.frame(number));
  for (OutputVStream& output : outputs) {
    Bytes got(output.get_frame_size());
    ASSERT_EQ(output.read(MemoryView(got.data(), got.size())), HAILO_SUCCESS) << output.name();
    EXPECT_EQ(got, expected.at(output.name())) << output.name() << " of frame " << number;
  }
}

TEST(VStreams, OneThreadWritesAndReads) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  auto [in, out] = vstreams(*group, HAILO_FORMAT_TYPE_AUTO, 10000);
  for (int i = 0; i < 5; ++i) {
    Bytes frame = sample.frame(i);
    ASSERT_EQ(in[0].write(MemoryView(frame.data(), frame.size())), HAILO_SUCCESS);
    ASSERT_EQ(in[0].flush(), HAILO_SUCCESS);
    expect_frame(sample, out, i);
  }
}

TEST(VStreams, OneThreadWritesWhileAnotherReads) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  auto [in, out] = vstreams(*group, HAILO_FORMAT_TYPE_AUTO, 10000);
  constexpr int kFrames = 100;
  std::thread writer([&in = in, &sample] {
    for (int i = 0; i < kFrames; ++i) {
      Bytes frame = sample.frame(i);
      ASSERT_EQ(in[0].write(MemoryView(frame.data(), frame.size())), HAILO_SUCCESS);
    }
  });
  for (int i = 0; i < kFrames; ++i) expect_frame(sample, out, i);
  writer.join();
}

TEST(VStreams, FloatsAreQuantizedAndDequantized) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  auto [in, out] = vstreams(*group, HAILO_FORMAT_TYPE_FLOAT32, 10000);
  const Bytes codes = sample.frame(3);
  std::vector<float> reals;
  for (const uint8_t code : codes) reals.push_back((static_cast<float>(code) - 3) * 0.5f);
  ASSERT_EQ(in[0].write(MemoryView(reals.data(), reals.size() * 4)), HAILO_SUCCESS);
  const auto expected = sample.expected(codes);
  for (OutputVStream& output : out) {
    std::vector<float> got(output.get_frame_size() / 4);
    ASSERT_EQ(output.read(MemoryView(got.data(), got.size() * 4)), HAILO_SUCCESS);
    const hailo_quant_info_t quant = output.get_info().quant_info;
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_EQ(got[i], (static_cast<float>(expected.at(output.name())[i]) - quant.qp_zp) * quant.qp_scale);
  }
}

TEST(VStreams, WrongSizesTimeoutsAndAbortHaveTheirStatuses) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  auto [in, out] = vstreams(*group, HAILO_FORMAT_TYPE_AUTO, 20);
  Bytes frame = sample.frame(0), got(out[0].get_frame_size());
  EXPECT_EQ(in[0].write(MemoryView(frame.data(), frame.size() - 1)), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(out[0].read(MemoryView(got.data(), got.size() + 1)), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(out[0].read(MemoryView(got.data(), got.size())), HAILO_TIMEOUT);
  hailo_status status = HAILO_SUCCESS;
  for (int i = 0; i < 20 && status == HAILO_SUCCESS; ++i) status = in[0].write(MemoryView(frame.data(), frame.size()));
  EXPECT_EQ(status, HAILO_TIMEOUT);  // nobody reads: the queues are full
  EXPECT_EQ(in[0].abort(), HAILO_SUCCESS);
  EXPECT_TRUE(in[0].is_aborted());
  EXPECT_EQ(in[0].write(MemoryView(frame.data(), frame.size())), HAILO_STREAM_ABORT);
  EXPECT_EQ(in[0].resume(), HAILO_SUCCESS);
  EXPECT_EQ(in[0].write(MemoryView(frame.data(), frame.size())), HAILO_TIMEOUT);
  InputVStream::clear(in);
  OutputVStream::clear(out);
}

TEST(VStreams, AbortEndsAReadThatWaits) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  auto [in, out] = vstreams(*group, HAILO_FORMAT_TYPE_AUTO, 60000);
  std::thread reader([&out = out] {
    Bytes got(out[0].get_frame_size());
    EXPECT_EQ(out[0].read(MemoryView(got.data(), got.size())), HAILO_STREAM_ABORT);
  });
  EXPECT_EQ(out[0].abort(), HAILO_SUCCESS);
  reader.join();
}

TEST(VStreams, WithoutASchedulerTheyNeedAnActiveGroup) {
  Sample sample, second(2);
  const auto vdevice = make_vdevice(kNone);
  const auto group = configure(*vdevice, sample), other = configure(*vdevice, second);
  auto [in, out] = vstreams(*group, HAILO_FORMAT_TYPE_AUTO, 10000);
  Bytes frame = sample.frame(0), got(out[0].get_frame_size());
  EXPECT_EQ(in[0].write(MemoryView(frame.data(), frame.size())), HAILO_NETWORK_GROUP_NOT_ACTIVATED);
  EXPECT_EQ(out[0].read(MemoryView(got.data(), got.size())), HAILO_NETWORK_GROUP_NOT_ACTIVATED);
  EXPECT_EQ(group->wait_for_activation(std::chrono::milliseconds(1)), HAILO_TIMEOUT);
  for (int round = 0; round < 3; ++round) {
    auto activated = group->activate();
    ASSERT_EQ(activated.status(), HAILO_SUCCESS);
    EXPECT_EQ(group->wait_for_activation(std::chrono::milliseconds(1)), HAILO_SUCCESS);
    EXPECT_EQ(group->activate().status(), HAILO_INVALID_OPERATION);
    EXPECT_EQ(other->activate().status(), HAILO_INVALID_OPERATION);
    // A frame that nobody reads is not seen by the next activation.
    for (int number : {round, round + 50}) {
      Bytes one = sample.frame(number);
      ASSERT_EQ(in[0].write(MemoryView(one.data(), one.size())), HAILO_SUCCESS);
    }
    expect_frame(sample, out, round);
  }
  EXPECT_EQ(in[0].write(MemoryView(frame.data(), frame.size())), HAILO_NETWORK_GROUP_NOT_ACTIVATED);
  EXPECT_EQ(group->set_scheduler_timeout(std::chrono::milliseconds(5)), HAILO_INVALID_OPERATION);
  EXPECT_EQ(group->set_scheduler_threshold(2), HAILO_INVALID_OPERATION);
  EXPECT_EQ(group->set_scheduler_priority(2), HAILO_INVALID_OPERATION);
}

TEST(VStreams, ASchedulerActivatesByItself) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  EXPECT_EQ(group->activate().status(), HAILO_INVALID_OPERATION);
  EXPECT_EQ(group->set_scheduler_timeout(std::chrono::milliseconds(5)), HAILO_SUCCESS);
  EXPECT_EQ(group->set_scheduler_threshold(2, "sample/sample"), HAILO_SUCCESS);
  EXPECT_EQ(group->set_scheduler_priority(HAILO_SCHEDULER_PRIORITY_MAX + 1), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(group->set_scheduler_priority(3, "another"), HAILO_NOT_IMPLEMENTED);
}

TEST(VStreams, ShutdownEndsEverything) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  auto [in, out] = vstreams(*group, HAILO_FORMAT_TYPE_AUTO, 10000);
  EXPECT_EQ(group->shutdown(), HAILO_SUCCESS);
  Bytes frame = sample.frame(0);
  EXPECT_EQ(in[0].write(MemoryView(frame.data(), frame.size())), HAILO_STREAM_ABORT);
}

TEST(VStreams, FramesWrittenBeforeTheWriterGoesStillArrive) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  auto [in, out] = vstreams(*group, HAILO_FORMAT_TYPE_AUTO, 10000);
  for (int i = 0; i < 3; ++i) {
    Bytes frame = sample.frame(i);
    ASSERT_EQ(in[0].write(MemoryView(frame.data(), frame.size())), HAILO_SUCCESS);
  }
  in.clear();
  for (int i = 0; i < 3; ++i) expect_frame(sample, out, i);
}

TEST(InferVStreamsApi, RunsArraysOfFramesAndChecksThem) {
  Sample sample;
  const auto vdevice = make_vdevice(kRoundRobin);
  const auto group = configure(*vdevice, sample);
  auto in = group->make_input_vstream_params(true, HAILO_FORMAT_TYPE_AUTO, 10000, 2).release();
  auto out = group->make_output_vstream_params(true, HAILO_FORMAT_TYPE_AUTO, 10000, 2).release();
  auto pipeline = InferVStreams::create(*group, in, out).release();
  constexpr int kFrames = 7;
  Bytes input;
  for (int i = 0; i < kFrames; ++i) {
    const Bytes frame = sample.frame(i);
    input.insert(input.end(), frame.begin(), frame.end());
  }
  std::map<std::string, Bytes> results;
  std::map<std::string, MemoryView> views;
  for (OutputVStream& output : pipeline.get_output_vstreams()) {
    Bytes& result = results[output.name()];
    result.resize(output.get_frame_size() * kFrames);
    views.emplace(output.name(), MemoryView(result.data(), result.size()));
  }
  const std::map<std::string, MemoryView> inputs = {{sample.input(), MemoryView(input.data(), input.size())}};
  ASSERT_EQ(pipeline.infer(inputs, views, kFrames), HAILO_SUCCESS);
  for (int i = 0; i < kFrames; ++i)
    for (const auto& [name, codes] : sample.expected(sample.frame(i)))
      EXPECT_EQ(Bytes(results[name].begin() + i * codes.size(), results[name].begin() + (i + 1) * codes.size()), codes);
  EXPECT_EQ(pipeline.infer(inputs, views, kFrames - 1), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(pipeline.infer({}, views, kFrames), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(pipeline.get_input_by_name("other").status(), HAILO_NOT_FOUND);
  EXPECT_EQ(pipeline.set_nms_score_threshold(0.5f), HAILO_INVALID_OPERATION);
}

TEST(RawStreams, MoveCodesSynchronouslyAndAsynchronously) {
  Sample sample;
  const auto vdevice = make_vdevice(kNone);
  const auto sync = configure(*vdevice, sample);
  Bytes frame = sample.frame(9);
  const auto expected = sample.expected(frame);
  EXPECT_EQ(sync->get_input_streams()[0].get().write(frame.data(), frame.size()), HAILO_STREAM_NOT_ACTIVATED);
  {
    auto activated = sync->activate().release();
    ASSERT_EQ(sync->get_input_streams()[0].get().write(frame.data(), frame.size()), HAILO_SUCCESS);
    for (OutputStream& output : sync->get_output_streams()) {
      Bytes got(output.get_frame_size());
      ASSERT_EQ(output.read(got.data(), got.size()), HAILO_SUCCESS);
      EXPECT_EQ(got, expected.at(output.name()));
    }
  }
  Hef hef = sample.hef();
  auto params = vdevice->create_configure_params(hef).release();
  for (auto& [name, own] : params.at("sample").stream_params_by_name) own.flags = HAILO_STREAM_FLAGS_ASYNC;
  const auto async = vdevice->configure(hef, params).release()[0];
  auto activated = async->activate().release();
  std::map<std::string, Bytes> got;
  Semaphore done = Semaphore::create(0).release();
  for (OutputStream& output : async->get_output_streams()) {
    Bytes& bytes = got[output.name()];
    bytes.resize(output.get_frame_size());
    ASSERT_EQ(output.read_async(bytes.data(), bytes.size(),
                                [&](const OutputStream::CompletionInfo& info) {
                                  EXPECT_EQ(info.status, HAILO_SUCCESS);
                                  done.signal();
                                }),
              HAILO_SUCCESS);
  }
  InputStream& input = async->get_input_streams()[0];
  ASSERT_EQ(input.wait_for_async_ready(frame.size(), std::chrono::milliseconds(1000)), HAILO_SUCCESS);
  ASSERT_EQ(input.write_async(frame.data(), frame.size(), [&](const InputStream::CompletionInfo&) { done.signal(); }),
            HAILO_SUCCESS);
  for (std::size_t i = 0; i < got.size() + 1; ++i) ASSERT_EQ(done.wait(std::chrono::seconds(10)), HAILO_SUCCESS);
  EXPECT_EQ(got, expected);
  // What waits when the group ends is given back.
  ASSERT_EQ(input.write_async(frame.data(), frame.size(),
                              [&](const InputStream::CompletionInfo& info) {
                                EXPECT_EQ(info.status, HAILO_STREAM_ABORT);
                                done.signal();
                              }),
            HAILO_SUCCESS);
  activated.reset();
  EXPECT_EQ(done.wait(std::chrono::seconds(10)), HAILO_SUCCESS);
}

TEST(VDeviceApi, OneOwnerAtATimeUnlessAGroupIsShared) {
  hailo_vdevice_params_t params = HailoRTDefaults::get_vdevice_params();
  auto first = make_vdevice(kRoundRobin);
  EXPECT_EQ(VDevice::create().status(), HAILO_OUT_OF_PHYSICAL_DEVICES);
  first.reset();
  first = make_vdevice(kRoundRobin, "SHARED");
  params.group_id = "SHARED";
  EXPECT_EQ(VDevice::create(params).status(), HAILO_SUCCESS);
  EXPECT_EQ(VDevice::create(params).status(), HAILO_SUCCESS);
  params.group_id = "OTHER";
  EXPECT_EQ(VDevice::create(params).status(), HAILO_OUT_OF_PHYSICAL_DEVICES);
  first.reset();
  params.device_count = 0;
  EXPECT_EQ(VDevice::create(params).status(), HAILO_INVALID_ARGUMENT);
  params.device_count = 2;
  EXPECT_EQ(VDevice::create(params).status(), HAILO_OUT_OF_PHYSICAL_DEVICES);
  params.device_count = 1;
  params.multi_process_service = true;
  params.scheduling_algorithm = HAILO_SCHEDULING_ALGORITHM_NONE;
  EXPECT_EQ(VDevice::create(params).status(), HAILO_INVALID_ARGUMENT) << "the service has a scheduler";
  EXPECT_EQ(VDevice::create(Device::scan().release()).status(), HAILO_SUCCESS);
  EXPECT_EQ(VDevice::create(std::vector<std::string>{"0000:09:00.0"}).status(), HAILO_NOT_FOUND);
}

TEST(DeviceApi, IsAHailo8WithoutSensors) {
  auto device = Device::create().release();
  const hailo_device_identity_t identity = device->identify().release();
  EXPECT_EQ(identity.device_architecture, HAILO_ARCH_HAILO8);
  EXPECT_STREQ(identity.board_name, "Hailo-8");
  EXPECT_EQ(device->get_chip_temperature().status(), HAILO_NOT_SUPPORTED);
  EXPECT_EQ(device->power_measurement(HAILO_DVM_OPTIONS_AUTO, HAILO_POWER_MEASUREMENT_TYPES__AUTO).status(),
            HAILO_NOT_SUPPORTED);
  EXPECT_EQ(device->set_notification_callback([](Device&, const hailo_notification_t&, void*) {},
                                              HAILO_NOTIFICATION_ID_DEBUG, nullptr),
            HAILO_SUCCESS);
  EXPECT_EQ(Device::create("0000:77:00.0").status(), HAILO_NOT_FOUND);
  EXPECT_EQ(Device::parse_pcie_device_info("0000:01:00.0")->bus, 1u);
  EXPECT_EQ(Device::parse_pcie_device_info("nonsense").status(), HAILO_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace hailort::testing
