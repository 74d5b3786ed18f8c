// Detections through the public interface: layouts, settings and what they refuse.
#include "hailort/hailort_testing.h"
#include "kernels/detect/detect.h"

namespace hailort::testing {
namespace {

constexpr std::chrono::milliseconds kLong(10000);
constexpr char kOutput[] = "sample/yolov8_nms_postprocess";

Sample detector() { return Sample(graupel::testing::sample_program_with_detection(1)); }

/// What the host finds in the bare session's outputs.
std::vector<graupel::Detection> expected_detections(Sample& sample, const Bytes& frame, graupel::DetectParams params) {
  const auto codes = sample.expected(frame);
  const graupel::HostStep& step = sample.program().host[0];
  std::vector<std::vector<float>> reals;
  std::vector<const float*> in;
  for (const uint32_t port : step.src) {
    std::vector<float>& own = reals.emplace_back();
    for (const uint8_t code : codes.at("sample/" + sample.program().outputs[port].name))
      own.push_back((static_cast<float>(code) - 3) * 0.5f);
  }
  for (const std::vector<float>& own : reals) in.push_back(own.data());
  graupel::Detector found = graupel::Detector::create(params).value();
  const auto detections = found.find(in);
  return {detections.begin(), detections.end()};
}

graupel::DetectParams params_of(const Sample& sample) {
  return std::get<graupel::DetectParams>(sample.program().host[0].params);
}

Bytes run(VDevice& vdevice, Sample& sample, Bytes frame, const std::function<void(InferModel::InferStream&)>& set) {
  auto model = vdevice.create_infer_model(sample.file()).release();
  auto output = model->output(kOutput).release();
  set(output);
  auto configured = model->configure();
  EXPECT_EQ(configured.status(), HAILO_SUCCESS);
  auto bindings = configured->create_bindings().release();
  bindings.input()->set_buffer(MemoryView(frame.data(), frame.size()));
  std::map<std::string, Bytes> results;
  for (const InferModel::InferStream& one : model->outputs()) {
    results[one.name()].resize(one.get_frame_size());
    bindings.output(one.name())->set_buffer(MemoryView(results[one.name()].data(), results[one.name()].size()));
  }
  EXPECT_EQ(configured->run(bindings, kLong), HAILO_SUCCESS);
  return results[kOutput];
}

TEST(Detections, TheVirtualStreamTakesThePlaceOfTheStreamsItReads) {
  Sample sample = detector();
  const Hef hef = sample.hef();
  const auto infos = hef.get_output_vstream_infos().release();
  ASSERT_EQ(infos.size(), 3u);
  const hailo_vstream_info_t& info = infos[2];
  EXPECT_STREQ(info.name, kOutput);
  EXPECT_EQ(info.format.type, HAILO_FORMAT_TYPE_FLOAT32);
  EXPECT_EQ(info.format.order, HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS);
  EXPECT_EQ(info.nms_shape.number_of_classes, 16u);
  EXPECT_EQ(info.nms_shape.max_bboxes_per_class, 100u);
  EXPECT_EQ(info.nms_shape.max_bboxes_total, 1600u);
  EXPECT_EQ(info.quant_info.qp_scale, 1.0f);
  EXPECT_EQ(HailoRTCommon::get_frame_size(info, info.format), 16u * (1 + 5 * 100) * 4);
  EXPECT_EQ(hef.get_stream_names_from_vstream_name(kOutput)->size(), 2u);
  EXPECT_NE(hef.get_description(false, true)->find("Op YOLOV8\n"), std::string::npos);
}

TEST(Detections, ByClassAndByScoreAreTheDetectorsLayouts) {
  Sample sample = detector();
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  graupel::DetectParams params = params_of(sample);
  for (int number : {1, 2}) {
    const Bytes frame = sample.frame(number);
    std::vector<graupel::Detection> found = expected_detections(sample, frame, params);
    ASSERT_FALSE(found.empty()) << "choose frames in which something is found";
    Bytes by_class(graupel::by_class_bytes(params));
    graupel::write_by_class(params, found, std::as_writable_bytes(std::span(by_class)));
    EXPECT_EQ(run(*vdevice, sample, frame, [](InferModel::InferStream&) {}), by_class);
    Bytes by_score(graupel::by_score_bytes(7));
    graupel::write_by_score(7, found, std::as_writable_bytes(std::span(by_score)));
    EXPECT_EQ(run(*vdevice, sample, frame,
                  [](InferModel::InferStream& output) {
                    output.set_format_order(HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE);
                    output.set_nms_max_proposals_total(7);
                  }),
              by_score);
  }
}

TEST(Detections, SettingsChangeWhatIsFoundAndTheSizeOfAFrame) {
  Sample sample = detector();
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  graupel::DetectParams params = params_of(sample);
  params.score_threshold = 0.9f;
  params.iou_threshold = 0.2f;
  params.max_per_class = 3;
  const Bytes frame = sample.frame(2);
  Bytes expected(graupel::by_class_bytes(params));
  graupel::write_by_class(params, expected_detections(sample, frame, params),
                          std::as_writable_bytes(std::span(expected)));
  EXPECT_EQ(run(*vdevice, sample, frame,
                [](InferModel::InferStream& output) {
                  output.set_nms_score_threshold(0.9f);
                  output.set_nms_iou_threshold(0.2f);
                  output.set_nms_max_proposals_per_class(3);
                }),
            expected);
  const auto group = configure(*vdevice, sample);
  auto outputs = group->make_output_vstream_params(true, HAILO_FORMAT_TYPE_AUTO, 10000, 2).release();
  auto vstreams = group->create_output_vstreams(outputs).release();
  EXPECT_EQ(vstreams[2].set_nms_max_proposals_per_class(3), HAILO_SUCCESS);
  EXPECT_EQ(vstreams[2].get_frame_size(), expected.size());
  EXPECT_EQ(vstreams[0].set_nms_score_threshold(0.5f), HAILO_INVALID_OPERATION);
}

TEST(Detections, FormatsAndSettingsThatDoNotFitAreInvalidArguments) {
  Sample sample = detector();
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  const auto status = [&](const std::function<void(InferModel::InferStream&)>& set) {
    auto model = vdevice->create_infer_model(sample.file()).release();
    auto output = model->output(kOutput).release();
    set(output);
    return model->configure().status();
  };
  EXPECT_EQ(status([](auto& output) { output.set_format_type(HAILO_FORMAT_TYPE_UINT8); }), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(status([](auto& output) { output.set_format_order(HAILO_FORMAT_ORDER_NHWC); }), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(status([](auto& output) { output.set_nms_max_proposals_total(5); }), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(status([](auto& output) {
              output.set_format_order(HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE);
              output.set_nms_max_proposals_per_class(5);
            }),
            HAILO_INVALID_ARGUMENT);
}

/// The input itself, in 16 bits, as both heads of a detector.
graupel::Program wide_heads() {
  graupel::Program program = graupel::testing::sample_program_with_detection(1);
  const graupel::TensorType type{
      graupel::DType::kU16, {1, 12, 10, 16}, graupel::QuantParams::per_tensor(1.0f / 65536, 300)};
  program.instrs.clear();
  program.taps.clear();
  program.constants = {};
  program.inputs[0].type = type;
  program.inputs[0].offset = 0;
  program.outputs = {{"boxes", type, 0, {}, {}, {}}, {"scores", type, 0, {}, {}, {}}};
  program.host[0].src = {0, 1};
  return program;
}

TEST(Detections, HeadsOfSixteenBitsAreReadAsSuch) {
  Sample sample(wide_heads());
  const Bytes frame = sample.frame(3);
  std::vector<float> reals(frame.size() / 2);
  for (std::size_t i = 0; i < reals.size(); ++i)
    reals[i] = (static_cast<float>(frame[2 * i] + 256 * frame[2 * i + 1]) - 300) * (1.0f / 65536);
  const float* in[] = {reals.data(), reals.data()};
  const graupel::DetectParams params = params_of(sample);
  graupel::Detector detector = graupel::Detector::create(params).value();
  Bytes expected(graupel::by_class_bytes(params));
  const auto found = detector.find(in);
  ASSERT_GT(found.size(), 10u);
  graupel::write_by_class(params, found, std::as_writable_bytes(std::span(expected)));
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  EXPECT_EQ(run(*vdevice, sample, frame, [](InferModel::InferStream&) {}), expected);
}

/// The input itself as head and as prototypes of a detector with masks: 7 classes, 4 coefficients.
graupel::Program with_masks() {
  graupel::Program program = wide_heads();
  const graupel::QuantParams quant = graupel::QuantParams::per_tensor(0.05f, 128);
  const graupel::TensorType head{graupel::DType::kU8, {1, 12, 10, 16}, quant};
  program.inputs[0].type = head;
  program.outputs = {{"boxes", head, 0, {}, {}, {}},
                     {"prototypes", {graupel::DType::kU8, {1, 24, 20, 4}, quant}, 0, {}, {}, {}}};
  graupel::DetectParams params;
  params.arch = graupel::DetectArch::kYolov5Seg;
  params.classes = 7;
  params.image_h = 96;
  params.image_w = 80;
  params.score_threshold = 0.5f;
  params.max_total = 6;
  params.mask_coefficients = 4;
  params.prototypes = 1;
  params.prototype_h = 24;
  params.prototype_w = 20;
  params.heads = {{12, 10, 8, 0, -1, -1, {30.0f}, {40.0f}}};
  program.host = {{params, {0, 1}, "yolov5_seg_nms_postprocess", {}}};
  return program;
}

TEST(Detections, MasksFollowTheirBoxes) {
  Sample sample(with_masks());
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  const auto model = vdevice->create_infer_model(sample.file()).release();
  auto output = model->output().release();
  EXPECT_EQ(output.format().order, HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK);
  EXPECT_EQ(output.get_frame_size(), 2u + 6 * 38 + 2 * 96 * 80);
  output.set_nms_max_accumulated_mask_size(1 << 18);
  output.set_nms_max_proposals_total(5);
  ASSERT_EQ(output.get_frame_size(), 2u + 5 * 38 + (1 << 18));
  auto configured = model->configure().release();
  auto bindings = configured.create_bindings().release();
  Bytes frame = sample.frame(2), result(output.get_frame_size(), 99), expected(result.size());
  bindings.input()->set_buffer(MemoryView(frame.data(), frame.size()));
  bindings.output()->set_buffer(MemoryView(result.data(), result.size()));
  ASSERT_EQ(configured.run(bindings, kLong), HAILO_SUCCESS);
  std::vector<float> reals;
  for (const uint8_t code : frame) reals.push_back(static_cast<float>(code - 128) * 0.05f);
  const float* in[] = {reals.data(), reals.data()};
  graupel::Detector detector = graupel::Detector::create(params_of(sample)).value();
  detector.find(in);
  ASSERT_EQ(detector.write_byte_masks(reals.data(), 5, std::as_writable_bytes(std::span(expected))), 5u);
  std::size_t at = 2;
  for (int i = 0; i < 5; ++i) {
    auto* own = reinterpret_cast<hailo_detection_with_byte_mask_t*>(result.data() + at);
    auto* theirs = reinterpret_cast<hailo_detection_with_byte_mask_t*>(expected.data() + at);
    EXPECT_EQ(own->mask, result.data() + at + sizeof *own);
    own->mask = theirs->mask = nullptr;
    at += sizeof *own + own->mask_size;
  }
  EXPECT_EQ(result, expected);
  model->output()->set_format_order(HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS);
  EXPECT_EQ(model->configure().status(), HAILO_INVALID_ARGUMENT);
  const std::string text = sample.hef().get_description(false, true).value();
  EXPECT_NE(text.find("Op YOLOV5SEG\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Mask threshold: 0.50\n"), std::string::npos) << text;
}

TEST(Detections, BoxesWithoutSuppressionAreFloatsOfEveryPosition) {
  graupel::Program program = graupel::testing::sample_program_with_detection(1);
  std::get<graupel::DetectParams>(program.host[0].params).decode_only = true;
  Sample sample(std::move(program));
  const Hef hef = sample.hef();
  const hailo_vstream_info_t info = hef.get_output_vstream_infos()->at(2);
  EXPECT_EQ(info.format.order, HAILO_FORMAT_ORDER_NHWC);
  EXPECT_EQ(info.format.type, HAILO_FORMAT_TYPE_FLOAT32);
  EXPECT_EQ(std::tuple(info.shape.height, info.shape.width, info.shape.features), std::tuple(1u, 120u, 20u));
  EXPECT_EQ(hef.get_description(false, true)->find("Score threshold"), std::string::npos);
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  const Bytes frame = sample.frame(2);
  const auto codes = sample.expected(frame);
  std::vector<std::vector<float>> reals(2);
  for (std::size_t i = 0; i < 2; ++i)
    for (const uint8_t code : codes.at("sample/" + sample.program().outputs[2 + i].name))
      reals[i].push_back((static_cast<float>(code) - 3) * 0.5f);
  const float* in[] = {reals[0].data(), reals[1].data()};
  graupel::Detector detector = graupel::Detector::create(params_of(sample)).value();
  std::vector<float> boxes(120 * 20);
  detector.run(in, boxes.data());
  Bytes expected(boxes.size() * sizeof(float));
  std::memcpy(expected.data(), boxes.data(), expected.size());
  EXPECT_EQ(run(*vdevice, sample, frame, [](InferModel::InferStream&) {}), expected);
}

}  // namespace
}  // namespace hailort::testing
