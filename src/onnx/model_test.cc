#include "onnx/model.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "onnx/protobuf.h"

namespace graupel::onnx {
namespace {

using ::onnx::TensorProto;

/// A folder of this test's own, removed at its end.
class OnnxFile : public testing::Test {
 protected:
  OnnxFile() {
    std::string pattern = testing::TempDir() + "onnx-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~OnnxFile() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  Result<Model> read(const ::onnx::ModelProto& proto) const {
    write("m.onnx", proto.SerializeAsString());
    return read_model(path("m.onnx"));
  }
  Result<Model> read(const std::string& bytes) const {
    write("m.onnx", bytes);
    return read_model(path("m.onnx"));
  }

  std::string folder_;
};

void add_value(::onnx::ValueInfoProto* info, const std::string& name, std::initializer_list<int64_t> shape) {
  info->set_name(name);
  auto* type = info->mutable_type()->mutable_tensor_type();
  type->set_elem_type(TensorProto::FLOAT);
  for (int64_t extent : shape) {
    auto* dim = type->mutable_shape()->add_dim();
    if (extent < 0)
      dim->set_dim_param("N");
    else
      dim->set_dim_value(extent);
  }
}

::onnx::NodeProto* add_node(::onnx::GraphProto* graph, const std::string& op, std::initializer_list<std::string> in,
                            const std::string& out) {
  auto* node = graph->add_node();
  node->set_op_type(op);
  for (const auto& name : in) node->add_input(name);
  node->add_output(out);
  return node;
}

/// y = Relu(x + w): one initializer, two nodes without names.
::onnx::ModelProto small_model() {
  ::onnx::ModelProto model;
  model.set_ir_version(7);
  model.set_producer_name("test");
  model.add_opset_import()->set_version(13);
  auto* graph = model.mutable_graph();
  add_value(graph->add_input(), "x", {-1, 3});
  add_value(graph->add_output(), "y", {-1, 3});
  auto* weights = graph->add_initializer();
  weights->set_name("w");
  weights->set_data_type(TensorProto::FLOAT);
  weights->add_dims(3);
  for (float value : {1.f, 2.f, 3.f}) weights->add_float_data(value);
  add_node(graph, "Add", {"x", "w"}, "s");
  add_node(graph, "Relu", {"s"}, "y");
  return model;
}

std::vector<float> floats(const Tensor& tensor) { return {tensor.as<float>().begin(), tensor.as<float>().end()}; }

template <class T>
std::string raw(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

TEST_F(OnnxFile, ASmallModelIsReadWhole) {
  const Result<Model> model = read(small_model());
  ASSERT_TRUE(model.ok()) << model.error().text();
  EXPECT_EQ(model->opset, 13);
  EXPECT_EQ(model->producer, "test");
  ASSERT_EQ(model->nodes.size(), 2u);
  EXPECT_EQ(model->nodes[1].name, "Relu_1");
  ASSERT_EQ(model->inputs.size(), 1u);
  EXPECT_EQ(*model->inputs[0].shape, (Shape{-1, 3}));
  EXPECT_EQ(floats(model->initializers.at("w")), (std::vector<float>{1, 2, 3}));
}

TEST_F(OnnxFile, InitializersListedAsInputsAreNoInputs) {
  auto proto = small_model();
  add_value(proto.mutable_graph()->add_input(), "w", {3});
  const Result<Model> model = read(proto);
  ASSERT_TRUE(model.ok()) << model.error().text();
  EXPECT_EQ(model->inputs.size(), 1u);
}

TEST_F(OnnxFile, EveryFloatTypeBecomesF32) {
  auto proto = small_model();
  auto* weights = proto.mutable_graph()->mutable_initializer(0);
  weights->clear_float_data();
  const std::vector<float> expected = {1.5f, -2.f, 0x1p-24f};
  weights->set_data_type(TensorProto::FLOAT16);
  weights->set_raw_data(raw<uint16_t>({0x3e00, 0xc000, 0x0001}));
  EXPECT_EQ(floats(read(proto).value().initializers.at("w")), expected);
  weights->clear_raw_data();
  for (int32_t bits : {0x3e00, 0xc000, 0x0001}) weights->add_int32_data(bits);
  EXPECT_EQ(floats(read(proto).value().initializers.at("w")), expected);
  weights->clear_int32_data();
  weights->set_data_type(TensorProto::DOUBLE);
  weights->set_raw_data(raw<double>({1.5, -2, 0x1p-24}));
  EXPECT_EQ(floats(read(proto).value().initializers.at("w")), expected);
  weights->set_data_type(TensorProto::BFLOAT16);
  weights->set_raw_data(raw<uint16_t>({0x3fc0, 0xc000, 0x3380}));
  EXPECT_EQ(floats(read(proto).value().initializers.at("w")), expected);
}

TEST_F(OnnxFile, IntegersKeepTheirType) {
  auto proto = small_model();
  auto* weights = proto.mutable_graph()->mutable_initializer(0);
  weights->clear_float_data();
  weights->set_data_type(TensorProto::INT64);
  weights->set_raw_data(raw<int64_t>({1, -1, 1LL << 40}));
  const Result<Model> wide = read(proto);
  EXPECT_EQ(wide->initializers.at("w").as<int64_t>()[2], 1LL << 40);
  weights->clear_raw_data();
  weights->set_data_type(TensorProto::INT8);
  for (int32_t value : {1, -1, 127}) weights->add_int32_data(value);
  const Result<Model> narrow = read(proto);
  EXPECT_EQ(narrow->initializers.at("w").as<int8_t>()[1], -1);
}

TEST_F(OnnxFile, ExternalDataIsReadAtItsOffset) {
  auto proto = small_model();
  auto* weights = proto.mutable_graph()->mutable_initializer(0);
  weights->clear_float_data();
  weights->set_data_location(TensorProto::EXTERNAL);
  auto entry = [&](const std::string& key, const std::string& value) {
    for (auto& old : *weights->mutable_external_data())
      if (old.key() == key) return old.set_value(value);
    auto* added = weights->add_external_data();
    added->set_key(key);
    added->set_value(value);
  };
  write("w.bin", std::string(8, '\0') + raw<float>({4, 5, 6}));
  entry("location", "w.bin");
  entry("offset", "8");
  entry("length", "12");
  Result<Model> model = read(proto);
  ASSERT_TRUE(model.ok()) << model.error().text();
  EXPECT_EQ(floats(model->initializers.at("w")), (std::vector<float>{4, 5, 6}));

  entry("length", "16");
  EXPECT_EQ(read(proto).error().code, ErrorCode::kCorrupt);
  entry("length", "9223372036854775807");
  EXPECT_EQ(read(proto).error().code, ErrorCode::kCorrupt);
  entry("length", "-4");
  EXPECT_EQ(read(proto).error().code, ErrorCode::kCorrupt);
  entry("length", "12");
  entry("location", "absent.bin");
  EXPECT_EQ(read(proto).error().code, ErrorCode::kNotFound);
}

TEST_F(OnnxFile, ExternalDataMayNotLeaveTheFolder) {
  auto proto = small_model();
  auto* weights = proto.mutable_graph()->mutable_initializer(0);
  weights->clear_float_data();
  weights->set_data_location(TensorProto::EXTERNAL);
  auto* location = weights->add_external_data();
  location->set_key("location");
  std::filesystem::create_symlink("/etc/hostname", path("link"));
  for (const char* outside : {"/etc/passwd", "../w.bin", "a/../../w.bin", "", "link"}) {
    location->set_value(outside);
    const Result<Model> model = read(proto);
    ASSERT_FALSE(model.ok()) << outside;
    EXPECT_EQ(model.error().code, ErrorCode::kInvalid) << outside;
  }
}

TEST_F(OnnxFile, AnOpsetOutsideTheRangeNamesBoth) {
  for (int64_t opset : {6, 29}) {
    auto proto = small_model();
    proto.mutable_opset_import(0)->set_version(opset);
    const Result<Model> model = read(proto);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(model.error().message.find(cat("opset ", opset)), std::string::npos);
    EXPECT_NE(model.error().message.find("7 to 28"), std::string::npos);
  }
}

TEST_F(OnnxFile, ASizeThatDiffersFromTheShapeIsCorrupt) {
  auto proto = small_model();
  proto.mutable_graph()->mutable_initializer(0)->set_dims(0, 4);
  EXPECT_EQ(read(proto).error().code, ErrorCode::kCorrupt);
  proto.mutable_graph()->mutable_initializer(0)->clear_float_data();
  proto.mutable_graph()->mutable_initializer(0)->set_raw_data("abc");
  EXPECT_EQ(read(proto).error().code, ErrorCode::kCorrupt);
}

TEST_F(OnnxFile, AbsurdExtentsAreRefusedWithoutAllocating) {
  auto proto = small_model();
  auto* weights = proto.mutable_graph()->mutable_initializer(0);
  for (int64_t extent : {int64_t{-1}, int64_t{1} << 40, std::numeric_limits<int64_t>::max()}) {
    weights->set_dims(0, extent);
    EXPECT_FALSE(read(proto).ok()) << extent;
  }
  weights->set_dims(0, 1 << 20);
  weights->add_dims(1 << 20);
  EXPECT_FALSE(read(proto).ok());
}

TEST_F(OnnxFile, NamesMustBeDefinedOnceAndBeforeUse) {
  auto unsorted = small_model();
  unsorted.mutable_graph()->mutable_node()->SwapElements(0, 1);
  EXPECT_NE(read(unsorted).error().message.find("before node 'Add_1' writes it"), std::string::npos);

  auto cyclic = small_model();
  cyclic.mutable_graph()->mutable_node(0)->set_input(0, "y");
  EXPECT_EQ(read(cyclic).error().code, ErrorCode::kCorrupt);

  auto missing = small_model();
  missing.mutable_graph()->mutable_node(0)->set_input(0, "nowhere");
  EXPECT_NE(read(missing).error().message.find("'nowhere'"), std::string::npos);

  auto twice = small_model();
  twice.mutable_graph()->mutable_node(1)->set_output(0, "s");
  EXPECT_EQ(read(twice).error().code, ErrorCode::kCorrupt);

  auto output = small_model();
  output.mutable_graph()->mutable_output(0)->set_name("z");
  EXPECT_NE(read(output).error().message.find("'z'"), std::string::npos);
}

TEST_F(OnnxFile, WhatIsNoModelIsRefused) {
  EXPECT_EQ(read_model(path("absent.onnx")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read(std::string()).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read(std::string("<!DOCTYPE html>")).error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(read_model(folder_).ok());
}

TEST_F(OnnxFile, DamageNeverCrashes) {
  const std::string good = small_model().SerializeAsString();
  for (std::size_t cut = 0; cut < good.size(); ++cut) (void)read(good.substr(0, cut));
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] ^= static_cast<char>(1u << (random() % 8));
    (void)read(bad);
  }
  EXPECT_FALSE(read(good.substr(0, good.size() - 1)).ok());
}

TEST_F(OnnxFile, ANameThatIsNotTextIsCorrupt) {
  auto proto = small_model();
  for (const char* name : {"\xff", "\xc0\x80", "\xed\xa0\x80", "a\xe2\x82"}) {
    proto.mutable_graph()->mutable_node(0)->set_name(name);
    EXPECT_EQ(read(proto).error().code, ErrorCode::kCorrupt);
  }
  proto.mutable_graph()->mutable_node(0)->set_name("größe€😀");
  EXPECT_TRUE(read(proto).ok());
}

TEST(OnnxNode, AttributesOfAnotherTypeAreNamed) {
  Node node;
  node.attributes["axis"] = 2.f;
  node.attributes["pads"] = int64_t{1};
  EXPECT_NE(node.integer("axis", 0).error().message.find("'axis' is a float"), std::string::npos);
  EXPECT_EQ(node.integers("pads", {}).value(), std::vector<int64_t>{1});
  EXPECT_EQ(node.integer("group", 1).value(), 1);
  EXPECT_EQ(node.text("mode", "nearest").value(), "nearest");
}

}  // namespace
}  // namespace graupel::onnx
