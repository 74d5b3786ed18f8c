#include "hef/hef.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "hef/container.h"
#include "hef/digest.h"
#include "hef/hef.pb.h"
#include "program/sample_program.h"
#include "program/versions.h"

namespace graupel {
namespace {

using testing::sample_program;

ByteSpan bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string hex(std::span<const uint8_t> bytes) {
  std::string text;
  for (uint8_t byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

TEST(Digest, Md5GivesTheResultsOfItsStandard) {
  EXPECT_EQ(hex(md5(bytes_of(""))), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex(md5(bytes_of("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex(md5(bytes_of("12345678901234567890123456789012345678901234567890123456789012345678901234567890"))),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Digest, Crc32GivesItsCheckValue) { EXPECT_EQ(crc32(bytes_of("123456789")), 0xCBF43926u); }

TEST(Hef, GivesBackTheProgramAndSaysWhatItHolds) {
  const Program program = sample_program(1);
  const Bytes file = save_hef(program, {"0123456789abcdef", {}, false});
  const Result<Hef> hef = load_hef(file);
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  ASSERT_NE(hef->program(), nullptr);
  EXPECT_EQ(*hef->program(), program);
  const HefInfo& info = hef->info;
  EXPECT_TRUE(info.has_program);
  EXPECT_EQ(info.header_version, 3u);
  EXPECT_EQ(info.architecture, "HAILO8");
  EXPECT_EQ(info.group, "sample");
  EXPECT_EQ(info.networks[0].har_hash, "0123456789abcdef");
  EXPECT_FALSE(info.compiler_version.empty());
  ASSERT_EQ(info.streams.size(), 4u);
  EXPECT_EQ(info.streams[0].name, "sample/in");
  EXPECT_TRUE(info.streams[0].input);
  EXPECT_EQ(info.streams[0].shape, (Shape{12, 10, 16}));
  EXPECT_EQ(info.streams[0].format, "NHWC");
  EXPECT_EQ(info.streams[0].original_names, std::vector<std::string>{"original"});
  EXPECT_EQ(info.streams[1].name, "sample/mean");
  EXPECT_EQ(info.streams[1].shape, (Shape{1, 1, 16}));
  EXPECT_EQ(info.streams[1].format, "NC");
  EXPECT_EQ(info.streams[1].scale, 0.5f);
  EXPECT_EQ(info.streams[1].zero_point, 3.0f);
  EXPECT_EQ(save_hef(program, {"0123456789abcdef", {}, false}), file);
}

TEST(Hef, SaysInWhichPictureFormatAnInputIs) {
  HefOptions options;
  options.input_formats = {{"in", "YYUV"}};
  const Result<Hef> hef = load_hef(save_hef(sample_program(1), options));
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  EXPECT_EQ(hef->info.streams[0].format, "YYUV");
  EXPECT_EQ(hef->info.streams[1].format, "NC");
}

TEST(Hef, HoldsSeveralNetworksInOneGroup) {
  Program one = testing::sample_program_with_detection(1), two = testing::sample_program_with_detection(2);
  one.name = "one";
  two.name = "two";
  const Golden golden{7, {1, 2}, {3, 4, 5, 6}, {8}};
  const HefNetwork networks[] = {{&one, "abc", golden}, {&two, "def", {}}};
  const Result<Bytes> file = save_hef_group("pair", networks);
  ASSERT_TRUE(file.ok()) << file.error().text();
  const Result<Hef> hef = load_hef(*file);
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  ASSERT_EQ(hef->programs.size(), 2u);
  EXPECT_EQ(hef->programs[0], one);
  EXPECT_EQ(hef->programs[1], two);
  EXPECT_EQ(hef->program(), nullptr);
  EXPECT_PRED_FORMAT2(::testing::IsSubstring, "holds 2 networks (one, two)", only_program(*hef, "x").error().text());
  const HefInfo& info = hef->info;
  EXPECT_EQ(info.group, "pair");
  ASSERT_EQ(info.networks.size(), 2u);
  EXPECT_EQ(info.networks[0].golden, golden);
  EXPECT_EQ(info.networks[1].har_hash, "def");
  EXPECT_FALSE(info.networks[1].golden.has_value());
  ASSERT_EQ(info.nms.size(), 2u);
  EXPECT_EQ(info.nms[1].network, 1u);
  const std::size_t ports = one.inputs.size() + one.outputs.size();
  ASSERT_EQ(info.streams.size(), 2 * ports);
  for (std::size_t i = 0; i < 2 * one.inputs.size(); ++i) {
    EXPECT_TRUE(info.streams[i].input);
    EXPECT_EQ(info.streams[i].network, i / one.inputs.size());
  }
  EXPECT_EQ(info.streams.back().network, 1u);
  const HefNetwork twice[] = {{&one, "", {}}, {&one, "", {}}};
  EXPECT_EQ(save_hef_group("pair", twice).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(save_hef_group("none", {}).error().code, ErrorCode::kInvalid);
}

/// What a change of the messages behind a right checksum leads to.
Result<Hef> load_changed(const Bytes& file, const std::function<void(hef_wire::Hef&)>& change) {
  const HefSections sections = read_container(file).value();
  hef_wire::Hef messages;
  check(messages.ParseFromArray(sections.messages.data(), static_cast<int>(sections.messages.size())), "it parses");
  change(messages);
  const std::string text = messages.SerializeAsString();
  return load_hef(write_container(bytes_of(text), sections.payload));
}

TEST(Hef, CarriesVersionsAndAGoldenVector) {
  const Program program = testing::sample_program_with_detection(1);
  const Golden golden{7, {1, 2}, {3, 4, 5, 6}, {8}};
  const Result<Hef> hef = load_hef(save_hef(program, {"abc", golden, false}));
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  EXPECT_EQ(hef->info.networks[0].golden, golden);
  EXPECT_EQ(hef->info.program_format, kProgramFormat);
  EXPECT_EQ(hef->info.operator_set, kOperatorSet);
  EXPECT_EQ(hef->info.minimum_runtime, "0.1.0");
  EXPECT_FALSE(hef->info.vendor_inspectable);
  EXPECT_FALSE(load_hef(save_hef(program))->info.networks[0].golden.has_value());
  const auto other = load_hef(save_hef(program, {"", Golden{7, {1}, {3, 4, 5, 6}, {8}}, false}));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::kCorrupt);
}

TEST(Hef, AnotherVersionIsAMismatchThatNamesBothSides) {
  const Bytes file = save_hef(sample_program(1));
  ASSERT_TRUE(load_changed(file, [](hef_wire::Hef&) {}).ok());
  const struct {
    std::function<void(hef_wire::Hef&)> change;
    ErrorCode code;
    std::string theirs, ours;
  } cases[] = {
      {[](hef_wire::Hef& hef) { hef.mutable_origin()->set_program_format(77); }, ErrorCode::kMismatch,
       "program format 77", cat("reads format ", kProgramFormat)},
      {[](hef_wire::Hef& hef) { hef.mutable_origin()->set_operator_set(78); }, ErrorCode::kMismatch, "operator set 78",
       cat("operator set ", kOperatorSet)},
      {[](hef_wire::Hef& hef) { hef.mutable_origin()->mutable_minimum_runtime()->set_major(9); }, ErrorCode::kMismatch,
       "needs runtime 9.1.0", "this is "},
      {[](hef_wire::Hef& hef) { hef.clear_origin(); }, ErrorCode::kMismatch, "program format 0", "reads format"},
      {[](hef_wire::Hef& hef) {
         hef.add_extensions()->set_type_index(20077);
         hef.mutable_extensions()->rbegin()->set_name("GRAUPEL_TOMORROW");
       },
       ErrorCode::kUnsupported, "20077 'GRAUPEL_TOMORROW'", "this runtime"},
  };
  for (const auto& one : cases) {
    const Result<Hef> hef = load_changed(file, one.change);
    ASSERT_FALSE(hef.ok()) << one.theirs;
    EXPECT_EQ(hef.error().code, one.code);
    EXPECT_NE(hef.error().text().find(one.theirs), std::string::npos) << hef.error().text();
    EXPECT_NE(hef.error().text().find(one.ours), std::string::npos) << hef.error().text();
  }
}

// A vendor's runtime refuses a required extension that it does not know, and never an optional one.
TEST(Hef, RequiresItsExtensionUnlessTheVendorMayInspectIt) {
  const Program program = sample_program(1);
  const auto extensions = [](const Bytes& file) {
    std::pair<std::vector<uint32_t>, std::vector<uint32_t>> found;
    (void)load_changed(file, [&](hef_wire::Hef& hef) {
      for (const auto& one : hef.extensions()) found.first.push_back(one.type_index());
      for (const auto& one : hef.optional_extensions()) found.second.push_back(one.type_index());
    });
    return found;
  };
  EXPECT_EQ(extensions(save_hef(program)), std::pair(std::vector<uint32_t>{13, 26, 20000}, std::vector<uint32_t>{}));
  const Bytes open = save_hef(program, {"", {}, true});
  EXPECT_EQ(extensions(open), std::pair(std::vector<uint32_t>{13, 26}, std::vector<uint32_t>{20000}));
  const Result<Hef> hef = load_hef(open);
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  EXPECT_TRUE(hef->info.vendor_inspectable);
  EXPECT_EQ(*hef->program(), program);
}

TEST(Hef, ShowsTheSuppressionThatTheHostRuns) {
  const Program program = testing::sample_program_with_detection(1);
  const Result<Hef> hef = load_hef(save_hef(program));
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  EXPECT_EQ(*hef->program(), program);
  ASSERT_EQ(hef->info.nms.size(), 1u);
  const HefInfo::Nms& nms = hef->info.nms[0];
  EXPECT_EQ(nms.name, "sample/yolov8_nms_postprocess");
  EXPECT_EQ(nms.arch, "yolov8");
  EXPECT_EQ(nms.classes, 16);
  EXPECT_EQ(nms.max_per_class, 100);
  EXPECT_FLOAT_EQ(static_cast<float>(nms.score_threshold), 0.3f);
  EXPECT_FLOAT_EQ(static_cast<float>(nms.iou_threshold), 0.6f);
  EXPECT_EQ(nms.image_h, 96);
  EXPECT_EQ(nms.image_w, 80);
}

TEST(Hef, PayloadBeginsOnAPageAndStaysInKeptMemory) {
  const auto file = std::make_shared<const Bytes>(save_hef(sample_program(1)));
  const Result<HefSections> sections = read_container(*file);
  ASSERT_TRUE(sections.ok());
  EXPECT_EQ((sections->payload.data() - file->data()) % 4096, 0);
  const Result<Hef> hef = load_hef(*file, file);
  ASSERT_TRUE(hef.ok());
  const std::byte* constants = hef->program()->constants.data();
  EXPECT_TRUE(constants > file->data() && constants < file->data() + file->size());
}

TEST(Hef, OpensAFileThatMayThenBeDeleted) {
  const std::string path = ::testing::TempDir() + "graupel_hef_test.hef";
  const Program program = sample_program(5);
  ASSERT_TRUE(write_file(path, save_hef(program)).ok());
  const Result<Hef> hef = open_hef(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  EXPECT_EQ(*hef->program(), program);
  EXPECT_EQ(open_hef(path).error().code, ErrorCode::kNotFound);
}

TEST(Hef, EveryCutAndEveryExtraByteIsAnError) {
  const Bytes file = save_hef(sample_program(1));
  for (std::size_t size = 0; size < file.size(); size += size < 300 ? 1 : 131)
    ASSERT_FALSE(load_hef(ByteSpan(file).first(size)).ok()) << size;
  Bytes longer = file;
  longer.push_back(std::byte{0});
  EXPECT_EQ(load_hef(longer).error().code, ErrorCode::kCorrupt);
}

TEST(Hef, EveryFlippedByteIsAnErrorThatSaysSo) {
  const Bytes file = save_hef(sample_program(1));
  for (std::size_t at = 0; at < file.size(); at += at < 1500 ? 1 : 37)
    for (int bit : {0, 3, 7}) {
      Bytes damaged = file;
      damaged[at] ^= static_cast<std::byte>(1 << bit);
      const Result<Hef> hef = load_hef(damaged);
      ASSERT_FALSE(hef.ok()) << "byte " << at << " bit " << bit;
      ASSERT_TRUE(hef.error().code == ErrorCode::kCorrupt || (at < 8 && hef.error().code == ErrorCode::kUnsupported))
          << "byte " << at << ": " << hef.error().text();
    }
}

TEST(Hef, EmptyAndForeignFilesAreErrors) {
  EXPECT_EQ(load_hef({}).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(load_hef(bytes_of(std::string(5000, 'x'))).error().code, ErrorCode::kCorrupt);
}

// Behind a valid checksum: the container is no shield for what reads its contents.
TEST(Hef, DamageBehindARightChecksumIsAnErrorOrAValidFile) {
  const Bytes file = save_hef(sample_program(1));
  constexpr std::size_t kHeader = 56, kChecksum = 12;
  std::mt19937 random(31);
  int errors = 0;
  for (int round = 0; round < 3000; ++round) {
    Bytes damaged = file;
    for (auto flips = 1 + random() % 3; flips > 0; --flips)
      damaged[kHeader + random() % std::min<std::size_t>(damaged.size() - kHeader, 7000)] =
          static_cast<std::byte>(random());
    const uint64_t sum = xxh3_64(ByteSpan(damaged).subspan(kHeader));
    for (std::size_t i = 0; i < 8; ++i) damaged[kChecksum + i] = static_cast<std::byte>(sum >> (56 - 8 * i));
    const Result<Hef> hef = load_hef(damaged);
    errors += !hef.ok();
    if (hef.ok() && hef->program() && !validate(*hef->program()).ok()) FAIL() << "round " << round;
  }
  EXPECT_GT(errors, 100);
}

/// A file of `version` around `messages`, with the checksum that the version has.
Bytes container_of(uint32_t version, ByteSpan messages, ByteSpan payload) {
  if (version == 3) return write_container(messages, payload);
  Bytes body(messages.begin(), messages.end());
  if (version > 0) body.insert(body.end(), payload.begin(), payload.end());
  Bytes file;
  const auto put = [&](uint64_t value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) file.push_back(static_cast<std::byte>(value >> shift));
  };
  put(0x01484546, 4);
  put(version, 4);
  put(messages.size(), 4);
  if (version == 0) {
    put(0, 4);
    for (const uint8_t byte : md5(body)) put(byte, 1);
  } else if (version == 1) {
    put(crc32(body), 4);
    put(payload.size(), 8);
    put(0, 4);
  } else {
    put(xxh3_64(body), 8);
    put(payload.size(), 8);
    put(0, 8);
    put(0, 8);
  }
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

class HeaderVersion : public ::testing::TestWithParam<uint32_t> {};

TEST_P(HeaderVersion, IsReadAndEveryDamageIsSeenByItsChecksum) {
  const uint32_t version = GetParam();
  hef_wire::Hef hef;
  hef.mutable_header()->set_architecture(1);
  hef.mutable_header()->set_sdk_version("3.27.0");
  hef_wire::NetworkGroup& group = *hef.add_network_groups();
  group.mutable_metadata()->set_name("net");
  const std::string messages = hef.SerializeAsString();
  const Bytes file = container_of(version, bytes_of(messages), bytes_of("configuration of a chip"));
  const Result<Hef> read = load_hef(file);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->info.header_version, version);
  EXPECT_EQ(read->info.group, "net");
  EXPECT_EQ(read->info.compiler_version, "3.27.0");
  EXPECT_TRUE(read->programs.empty());
  constexpr std::size_t kPaddingSize = 28;  // no checksum covers it, and any start of a chip's payload is possible
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes damaged = file;
    damaged[at] ^= std::byte{0x10};
    const bool sealed = version < 3 || at < kPaddingSize || at >= kPaddingSize + 4;
    EXPECT_TRUE(!sealed || !load_hef(damaged).ok()) << "byte " << at;
    EXPECT_FALSE(load_hef(ByteSpan(file).first(at)).ok()) << "cut at " << at;
  }
}

INSTANTIATE_TEST_SUITE_P(All, HeaderVersion, ::testing::Values(0u, 1u, 2u, 3u));

TEST(Hef, AnUnknownHeaderVersionIsNotSupported) {
  Bytes file = save_hef(sample_program(1));
  file[7] = std::byte{4};
  const Result<Hef> hef = load_hef(file);
  ASSERT_FALSE(hef.ok());
  EXPECT_EQ(hef.error().code, ErrorCode::kUnsupported);
}

// Real files of the vendor's compiler.

std::string data_folder() {
  const char* given = std::getenv("GRAUPEL_DATA");
  return given != nullptr ? given : GRAUPEL_SOURCE_DIR "/../shared/data";
}

struct VendorFile {
  const char* name;
  uint32_t header_version;
  const char* architecture;
  const char* compiler_version;
  std::size_t streams;
};

class VendorHef : public ::testing::TestWithParam<VendorFile> {};

TEST_P(VendorHef, OpensForInspectionAndDamageIsSeen) {
  const VendorFile& expected = GetParam();
  const std::string path = data_folder() + "/hef/" + expected.name;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const Result<MappedFile> file = MappedFile::open(path);
  ASSERT_TRUE(file.ok());
  const Result<Hef> hef = load_hef(file->bytes());
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  EXPECT_TRUE(hef->programs.empty());
  EXPECT_FALSE(hef->info.has_program);
  EXPECT_EQ(hef->info.header_version, expected.header_version);
  EXPECT_EQ(hef->info.architecture, expected.architecture);
  EXPECT_EQ(hef->info.compiler_version, expected.compiler_version);
  EXPECT_EQ(hef->info.streams.size(), expected.streams);
  EXPECT_FALSE(hef->info.group.empty());
  for (const HefInfo::Stream& stream : hef->info.streams) {
    EXPECT_GT(element_count(stream.shape), 0) << stream.name;
    EXPECT_GT(stream.scale, 0) << stream.name;
  }
  Bytes damaged(file->bytes().begin(), file->bytes().end());
  damaged[damaged.size() / 2] ^= std::byte{1};
  EXPECT_EQ(load_hef(damaged).error().code, ErrorCode::kCorrupt);
}

INSTANTIATE_TEST_SUITE_P(All, VendorHef,
                         ::testing::Values(VendorFile{"xfeat_480_640.hef", 0, "HAILO8", "3.27.0", 4},
                                           VendorFile{"arcface_mobilefacenet_h8_3.29.hef", 1, "HAILO8", "3.29.0", 2},
                                           VendorFile{"yolov8n.hef", 2, "HAILO8", "3.31.0", 7},
                                           VendorFile{"scrfd_2.5g_h10_5.2.hef", 3, "HAILO15H", "5.2.0", 10}),
                         [](const auto& file) { return cat("HeaderVersion", file.param.header_version); });

}  // namespace
}  // namespace graupel
