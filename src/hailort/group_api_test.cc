// Several networks in one network group.
#include "hailort/hailort_testing.h"

namespace hailort {
namespace {

using testing::Bytes;
using testing::Sample;

graupel::Program named(uint32_t seed, const std::string& name) {
  graupel::Program program = graupel::testing::sample_program(seed);
  program.name = name;
  return program;
}

/// Networks "one" and "two" in group "pair".
class Pair {
 public:
  Pair()
      : one(named(1, "one")),
        two(named(2, "two")),
        file_(graupel::save_hef_group(
                  "pair",
                  std::vector<graupel::HefNetwork>{{&one.program(), "a", graupel::make_golden(one.program()).value()},
                                                   {&two.program(), "b", graupel::make_golden(two.program()).value()}})
                  .value()) {}

  Hef hef() { return Hef::create(MemoryView(file_.data(), file_.size())).release(); }

  Sample one, two;

 private:
  graupel::Bytes file_;
};

std::vector<std::string> names_of(const std::vector<hailo_vstream_info_t>& infos) {
  std::vector<std::string> names;
  for (const hailo_vstream_info_t& info : infos) names.emplace_back(info.name);
  return names;
}

TEST(GroupApi, AGroupOfTwoNetworksShowsWhatIsWhose) {
  Pair pair;
  Hef hef = pair.hef();
  EXPECT_EQ(hef.get_network_groups_names(), std::vector<std::string>{"pair"});
  const auto networks = hef.get_network_infos();
  ASSERT_EQ(networks->size(), 2u);
  EXPECT_STREQ(networks->at(0).name, "pair/one");
  EXPECT_STREQ(networks->at(1).name, "pair/two");
  EXPECT_EQ(names_of(*hef.get_input_vstream_infos()), (std::vector<std::string>{"one/in", "two/in"}));
  EXPECT_EQ(names_of(*hef.get_input_vstream_infos("pair/two")), std::vector<std::string>{"two/in"});
  EXPECT_EQ(names_of(*hef.get_output_vstream_infos("pair/one")), pair.one.outputs());
  EXPECT_STREQ(hef.get_output_vstream_infos("pair/two")->at(0).network_name, "pair/two");
  EXPECT_EQ(hef.get_output_vstream_infos("pair")->size(), pair.one.outputs().size() + pair.two.outputs().size());
  EXPECT_EQ(hef.get_input_vstream_infos("pair/three").status(), HAILO_NOT_FOUND);
  EXPECT_EQ(hef.create_network_parameters_by_name("pair")->size(), 2u);
  EXPECT_EQ(hef.make_output_vstream_params("pair/one", true, HAILO_FORMAT_TYPE_AUTO, 1, 1)->size(),
            pair.one.outputs().size());
  const std::string text = hef.get_description(true, true).value();
  EXPECT_LT(text.find("    Network name: pair/one\n"), text.find("one/in UINT8"));
  EXPECT_LT(text.find("one/in UINT8"), text.find("    Network name: pair/two\n"));
  EXPECT_LT(text.find("    Network name: pair/two\n"), text.find("two/in UINT8"));
}

/// Writes `frames` frames into one network and expects its own results.
void run_network(ConfiguredNetworkGroup& group, Sample& sample, const std::string& network, int frames) {
  auto vstreams = VStreamsBuilder::create_vstreams(group, true, HAILO_FORMAT_TYPE_AUTO, network);
  ASSERT_EQ(vstreams.status(), HAILO_SUCCESS);
  ASSERT_EQ(vstreams->first.size(), 1u);
  std::thread writer([&] {
    for (int i = 0; i < frames; ++i) {
      Bytes frame = sample.frame(i);
      EXPECT_EQ(vstreams->first[0].write(MemoryView(frame.data(), frame.size())), HAILO_SUCCESS);
    }
  });
  for (int i = 0; i < frames; ++i) {
    const auto expected = sample.expected(sample.frame(i));
    for (OutputVStream& output : vstreams->second) {
      Bytes result(output.get_frame_size());
      ASSERT_EQ(output.read(MemoryView(result.data(), result.size())), HAILO_SUCCESS);
      EXPECT_EQ(result, expected.at(output.name())) << output.name() << ", frame " << i;
    }
  }
  writer.join();
}

void run_side_by_side(hailo_scheduling_algorithm_t algorithm) {
  Pair pair;
  const auto vdevice = testing::make_vdevice(algorithm);
  Hef hef = pair.hef();
  auto params = vdevice->create_configure_params(hef).release();
  params.at("pair").network_params_by_name.at("pair/two").batch_size = 2;
  params.at("pair").latency = HAILO_LATENCY_MEASURE;
  const auto group = vdevice->configure(hef, params).release()[0];
  const bool by_hand = algorithm == HAILO_SCHEDULING_ALGORITHM_NONE;
  std::unique_ptr<ActivatedNetworkGroup> activated;
  if (by_hand) activated = group->activate().release();
  std::thread other([&] { run_network(*group, pair.two, "pair/two", 40); });
  run_network(*group, pair.one, "pair/one", 20);
  other.join();
  EXPECT_EQ(group->get_latency_measurement("pair/one").status(), HAILO_SUCCESS);
  EXPECT_EQ(group->get_latency_measurement().status(), HAILO_SUCCESS);
  EXPECT_EQ(group->get_input_streams_by_network("pair/two")->size(), 1u);
  EXPECT_EQ(group->set_scheduler_threshold(2, "pair/two"), HAILO_NOT_IMPLEMENTED);
}

TEST(GroupApi, NetworksOfAGroupRunSideBySideWithFrameCountsOfTheirOwn) {
  run_side_by_side(HAILO_SCHEDULING_ALGORITHM_NONE);
  run_side_by_side(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
}

TEST(GroupApi, AnInferModelsFrameIsOneOfEveryNetwork) {
  Pair pair;
  const auto vdevice = testing::make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  const auto model = vdevice->create_infer_model(pair.hef()).release();
  ASSERT_EQ(model->inputs().size(), 2u);
  auto configured = model->configure().release();
  auto bindings = configured.create_bindings().release();
  Bytes one = pair.one.frame(3), two = pair.two.frame(4);
  ASSERT_EQ(bindings.input("one/in")->set_buffer(MemoryView(one.data(), one.size())), HAILO_SUCCESS);
  ASSERT_EQ(bindings.input("two/in")->set_buffer(MemoryView(two.data(), two.size())), HAILO_SUCCESS);
  std::map<std::string, Bytes> results;
  for (const std::string& name : model->get_output_names()) {
    Bytes& result = results[name];
    result.resize(model->output(name)->get_frame_size());
    ASSERT_EQ(bindings.output(name)->set_buffer(MemoryView(result.data(), result.size())), HAILO_SUCCESS);
  }
  ASSERT_EQ(configured.run(bindings, std::chrono::milliseconds(10000)), HAILO_SUCCESS);
  auto expected = pair.one.expected(one);
  expected.merge(pair.two.expected(two));
  EXPECT_EQ(results, expected);
}

}  // namespace
}  // namespace hailort
