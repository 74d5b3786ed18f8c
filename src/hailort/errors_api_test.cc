// Every mistake has its documented status, through the C interface, and none is a crash: damaged files, sizes, names,
// handles that are gone, a second activation, timeouts, abort; and a CPU that computes something else.
#include <cstdlib>
#include <thread>

#include "base/hash.h"
#include "hailort/hailort_testing.h"

namespace hailort::testing {
namespace {

hailo_status open_bytes(const uint8_t* bytes, std::size_t size) {
  hailo_hef hef = nullptr;
  const hailo_status status = hailo_create_hef_buffer(&hef, bytes, size);
  EXPECT_EQ(status == HAILO_SUCCESS ? hailo_release_hef(hef) : HAILO_SUCCESS, HAILO_SUCCESS);
  return status;
}

TEST(Errors, AHefCutAnywhereIsRefusedWithADocumentedStatus) {
  Sample sample;
  const Bytes file(sample.file().data(), sample.file().data() + sample.file().size());
  for (std::size_t i = 0; i < 200; ++i) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(file.size() * i / 200));
    const uint8_t none = 0;
    const hailo_status status = open_bytes(cut.empty() ? &none : cut.data(), cut.size());
    EXPECT_EQ(status, cut.size() < 12 ? HAILO_FILE_OPERATION_FAILURE : HAILO_HEF_FILE_CORRUPTED)
        << cut.size() << " of " << file.size() << " bytes";
  }
}

TEST(Errors, AHefWithAnyByteFlippedIsRefusedWithADocumentedStatus) {
  Sample sample;
  Bytes file(sample.file().data(), sample.file().data() + sample.file().size());
  std::mt19937 random(500);
  for (int i = 0; i < 500; ++i) {
    const std::size_t at = random() % file.size();
    const auto change = static_cast<uint8_t>(1 + random() % 255);
    file[at] ^= change;
    const hailo_status status = open_bytes(file.data(), file.size());
    EXPECT_TRUE(status == HAILO_HEF_FILE_CORRUPTED || (at < 8 && status == HAILO_HEF_NOT_SUPPORTED))
        << "byte " << at << ": " << status;
    file[at] ^= change;
  }
  EXPECT_EQ(open_bytes(file.data(), file.size()), HAILO_SUCCESS);
}

/// A changed byte of messages or program behind a checksum that is right again.
TEST(Errors, ADamageThatWasSealedAgainNeverCrashes) {
  Sample sample;
  const Bytes file(sample.file().data(), sample.file().data() + sample.file().size());
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  constexpr std::size_t kHeader = 56, kChecksum = 12;
  std::mt19937 random(501);
  int opened = 0;
  for (int i = 0; i < 500; ++i) {
    Bytes damaged = file;
    damaged[kHeader + random() % std::min<std::size_t>(file.size() - kHeader, 8000)] ^=
        static_cast<uint8_t>(1 + random() % 255);
    const auto* body = reinterpret_cast<const std::byte*>(damaged.data()) + kHeader;
    const uint64_t sum = graupel::xxh3_64(graupel::ByteSpan(body, damaged.size() - kHeader));
    for (std::size_t b = 0; b < 8; ++b) damaged[kChecksum + b] = static_cast<uint8_t>(sum >> (56 - 8 * b));
    auto hef = Hef::create(MemoryView(damaged.data(), damaged.size()));
    if (!hef) continue;
    ++opened;
    const auto groups = vdevice->configure(*hef);
    EXPECT_NE(groups.status(), HAILO_UNINITIALIZED);
  }
  EXPECT_GT(opened, 10);
}

/// A network and its vstreams through the C interface.
struct Opened {
  explicit Opened(Sample& sample, uint32_t timeout_ms, hailo_scheduling_algorithm_t algorithm) {
    hailo_vdevice_params_t params;
    EXPECT_EQ(hailo_init_vdevice_params(&params), HAILO_SUCCESS);
    params.scheduling_algorithm = algorithm;
    EXPECT_EQ(hailo_create_vdevice(&params, &vdevice), HAILO_SUCCESS);
    EXPECT_EQ(hailo_create_hef_buffer(&hef, sample.file().data(), sample.file().size()), HAILO_SUCCESS);
    size_t groups = 1;
    EXPECT_EQ(hailo_configure_vdevice(vdevice, hef, nullptr, &group, &groups), HAILO_SUCCESS);
    size_t ins = 4, outs = 4;
    EXPECT_EQ(hailo_make_input_vstream_params(group, true, HAILO_FORMAT_TYPE_AUTO, in_params, &ins), HAILO_SUCCESS);
    EXPECT_EQ(hailo_make_output_vstream_params(group, true, HAILO_FORMAT_TYPE_AUTO, out_params, &outs), HAILO_SUCCESS);
    for (auto& one : in_params) one.params.timeout_ms = timeout_ms;
    for (auto& one : out_params) one.params.timeout_ms = timeout_ms;
    EXPECT_EQ(hailo_create_input_vstreams(group, in_params, ins, in), HAILO_SUCCESS);
    EXPECT_EQ(hailo_create_output_vstreams(group, out_params, outs, out), HAILO_SUCCESS);
    out_count = outs;
  }
  ~Opened() {
    EXPECT_EQ(hailo_release_input_vstreams(in, 1), HAILO_SUCCESS);
    EXPECT_EQ(hailo_release_output_vstreams(out, out_count), HAILO_SUCCESS);
    EXPECT_EQ(hailo_release_hef(hef), HAILO_SUCCESS);
    EXPECT_EQ(hailo_release_vdevice(vdevice), HAILO_SUCCESS);
  }

  hailo_vdevice vdevice = nullptr;
  hailo_hef hef = nullptr;
  hailo_configured_network_group group = nullptr;
  hailo_input_vstream_params_by_name_t in_params[4];
  hailo_output_vstream_params_by_name_t out_params[4];
  hailo_input_vstream in[4] = {};
  hailo_output_vstream out[4] = {};
  size_t out_count = 0;
};

TEST(Errors, AFrameOfAnotherSizeIsAnInvalidArgument) {
  Sample sample;
  Opened opened(sample, 1000, HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  const Bytes frame = sample.frame(0);
  Bytes got(100000);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, frame.size() - 1})
    EXPECT_EQ(hailo_vstream_write_raw_buffer(opened.in[0], frame.data(), size), HAILO_INVALID_ARGUMENT) << size;
  EXPECT_EQ(hailo_vstream_read_raw_buffer(opened.out[0], got.data(), got.size()), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_vstream_write_raw_buffer(opened.in[0], nullptr, frame.size()), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_vstream_read_raw_buffer(opened.out[0], nullptr, 1), HAILO_INVALID_ARGUMENT);
}

TEST(Errors, AnUnknownNameIsNotFound) {
  Sample sample;
  Opened opened(sample, 1000, HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  hailo_stream_info_t stream;
  hailo_vstream_info_t vstreams[8];
  size_t count = 8;
  float64_t fps = 0;
  hailo_input_stream raw = nullptr;
  EXPECT_EQ(hailo_hef_get_stream_info_by_name(opened.hef, nullptr, "sample/none", HAILO_H2D_STREAM, &stream),
            HAILO_NOT_FOUND);
  EXPECT_EQ(hailo_hef_get_all_vstream_infos(opened.hef, "none", vstreams, &count), HAILO_NOT_FOUND);
  EXPECT_EQ(hailo_hef_get_bottleneck_fps(opened.hef, "none", &fps), HAILO_NOT_FOUND);
  EXPECT_EQ(hailo_get_input_stream(opened.group, "sample/none", &raw), HAILO_NOT_FOUND);
  hailo_input_vstream_params_by_name_t params = opened.in_params[0];
  std::strcpy(params.name, "sample/none");
  hailo_input_vstream vstream = nullptr;
  EXPECT_EQ(hailo_create_input_vstreams(opened.group, &params, 1, &vstream), HAILO_NOT_FOUND);
}

TEST(Errors, AHandleAfterItsReleaseIsAnInvalidArgument) {
  Sample sample;
  Bytes frame = sample.frame(0);
  hailo_input_vstream in = nullptr;
  hailo_output_vstream out = nullptr;
  hailo_configured_network_group group = nullptr;
  hailo_hef hef = nullptr;
  hailo_vdevice vdevice = nullptr;
  {
    Opened opened(sample, 1000, HAILO_SCHEDULING_ALGORITHM_NONE);
    in = opened.in[0], out = opened.out[0], group = opened.group, hef = opened.hef, vdevice = opened.vdevice;
  }
  hailo_activated_network_group activated = nullptr;
  size_t count = 4;
  hailo_vstream_info_t infos[4];
  hailo_device_id_t ids[1];
  EXPECT_EQ(hailo_vstream_write_raw_buffer(in, frame.data(), frame.size()), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_vstream_read_raw_buffer(out, frame.data(), frame.size()), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_flush_input_vstream(in), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_release_input_vstreams(&in, 1), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_activate_network_group(group, nullptr, &activated), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_hef_get_all_vstream_infos(hef, nullptr, infos, &count), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_release_hef(hef), HAILO_INVALID_ARGUMENT);
  count = 1;
  EXPECT_EQ(hailo_vdevice_get_physical_devices_ids(vdevice, ids, &count), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_release_vdevice(vdevice), HAILO_INVALID_ARGUMENT);
}

TEST(Errors, ASecondActivationIsAnInvalidOperation) {
  Sample sample;
  Opened opened(sample, 20, HAILO_SCHEDULING_ALGORITHM_NONE);
  Bytes frame = sample.frame(0);
  EXPECT_EQ(hailo_vstream_write_raw_buffer(opened.in[0], frame.data(), frame.size()),
            HAILO_NETWORK_GROUP_NOT_ACTIVATED);
  EXPECT_EQ(hailo_wait_for_network_group_activation(opened.group, 1), HAILO_TIMEOUT);
  hailo_activated_network_group activated = nullptr, second = nullptr;
  ASSERT_EQ(hailo_activate_network_group(opened.group, nullptr, &activated), HAILO_SUCCESS);
  EXPECT_EQ(hailo_activate_network_group(opened.group, nullptr, &second), HAILO_INVALID_OPERATION);
  EXPECT_EQ(hailo_set_scheduler_priority(opened.group, 3, nullptr), HAILO_INVALID_OPERATION);
  EXPECT_EQ(hailo_deactivate_network_group(activated), HAILO_SUCCESS);
  EXPECT_EQ(hailo_deactivate_network_group(activated), HAILO_INVALID_ARGUMENT);
}

TEST(Errors, WaitingEndsInTimeoutAndShutdownInAbort) {
  Sample sample;
  Opened opened(sample, 20, HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  const Bytes frame = sample.frame(0);
  size_t size = 0;
  ASSERT_EQ(hailo_get_output_vstream_frame_size(opened.out[0], &size), HAILO_SUCCESS);
  Bytes got(size);
  EXPECT_EQ(hailo_vstream_read_raw_buffer(opened.out[0], got.data(), got.size()), HAILO_TIMEOUT);
  hailo_status status = HAILO_SUCCESS;
  for (int i = 0; i < 100 && status == HAILO_SUCCESS; ++i)
    status = hailo_vstream_write_raw_buffer(opened.in[0], frame.data(), frame.size());
  EXPECT_EQ(status, HAILO_TIMEOUT);  // nobody reads
  EXPECT_EQ(hailo_shutdown_network_group(opened.group), HAILO_SUCCESS);
  EXPECT_EQ(hailo_vstream_write_raw_buffer(opened.in[0], frame.data(), frame.size()), HAILO_STREAM_ABORT);
  EXPECT_EQ(hailo_shutdown_network_group(opened.group), HAILO_SUCCESS);
}

/// Sets a variable of the environment while it lives.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

hailo_status configured(const graupel::Program& program, const graupel::HefOptions& options) {
  const graupel::Bytes file = graupel::save_hef(program, options);
  Hef hef = Hef::create(MemoryView::create_const(file.data(), file.size())).release();
  return make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN)->configure(hef).status();
}

TEST(Errors, SelfTestRefusesACpuThatComputesSomethingElse) {
  const graupel::Program program = graupel::testing::sample_program(1);
  graupel::HefOptions options;
  EXPECT_EQ(configured(program, options), HAILO_SUCCESS);
  const Environment wanted("GRAUPEL_SELF_TEST", "1");
  EXPECT_EQ(configured(program, options), HAILO_HEF_NOT_SUPPORTED);  // nothing to test with
  options.golden = graupel::make_golden(program).value();
  EXPECT_EQ(configured(program, options), HAILO_SUCCESS);
  options.golden->outputs[0] ^= 1;
  EXPECT_EQ(configured(program, options), HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE);
}

TEST(Errors, PoisonChangesNoFrameAndNonsenseIsRefused) {
  Sample sample;
  const Bytes frame = sample.frame(4);
  const auto expected = sample.expected(frame);
  for (const char* byte : {"0x00", "0xA5", "255"}) {
    const Environment poison("GRAUPEL_POISON", byte);
    const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
    auto model = vdevice->create_infer_model(sample.file()).release();
    auto configured_model = model->configure().release();
    auto bindings = configured_model.create_bindings().release();
    Bytes input = frame;
    std::map<std::string, Bytes> results;
    bindings.input()->set_buffer(MemoryView(input.data(), input.size()));
    for (const InferModel::InferStream& output : model->outputs()) {
      Bytes& result = results[output.name()];
      result.resize(output.get_frame_size());
      bindings.output(output.name())->set_buffer(MemoryView(result.data(), result.size()));
    }
    ASSERT_EQ(configured_model.run(bindings, std::chrono::milliseconds(10000)), HAILO_SUCCESS);
    EXPECT_EQ(results, expected) << "poison " << byte;
  }
  const Environment poison("GRAUPEL_POISON", "rubbish");
  EXPECT_EQ(configured(sample.program(), {}), HAILO_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace hailort::testing
