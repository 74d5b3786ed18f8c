// Tests of results, files, threads, hashes and CPU levels.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "base/cpu.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/round.h"
#include "base/thread_pool.h"

namespace graupel {
namespace {

namespace fs = std::filesystem;

// A fresh folder that is gone when the test ends.
struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "graupel-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }
};

ByteSpan bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

Result<int> half(int n) {
  if (n % 2 != 0) return invalid("the odd number ", n);
  return n / 2;
}

Result<int> quarter(int n) {
  GRAUPEL_TRY(const int first, half(n).within("first half"));
  GRAUPEL_TRY(const int second, half(first).within("second half"));
  return second;
}

TEST(Result, CarriesTheValueOrTheErrorWithItsFrames) {
  EXPECT_EQ(*quarter(12), 3);
  const auto failed = std::move(quarter(6)).within("quarter of 6");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().text(), "quarter of 6: second half: invalid: the odd number 3");
}

TEST(File, IsWrittenWhollyAndReadBack) {
  const TemporaryFolder folder;
  const std::string path = folder.path / "a.bin";
  const std::string one = "hail", two = "stone";
  const ByteSpan pieces[] = {bytes_of(one), bytes_of(two)};
  ASSERT_TRUE(write_file(path, pieces).ok());
  const auto mapped = MappedFile::open(path);
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(mapped->bytes().data()), mapped->bytes().size()), "hailstone");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path), {}), 1);
}

TEST(File, LeavesTheOldContentAndNothingBesideItWhenWritingFails) {
  const TemporaryFolder folder;
  const fs::path target = folder.path / "taken";
  fs::create_directory(target);  // renaming a file onto a folder fails
  const std::string text = "x";
  const auto written = write_file(target.string(), bytes_of(text));
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path), {}), 1);
}

TEST(File, ThatDoesNotExistIsNotFoundAndAFolderIsInvalid) {
  const TemporaryFolder folder;
  EXPECT_EQ(MappedFile::open(folder.path / "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(MappedFile::open(folder.path).error().code, ErrorCode::kInvalid);
}

TEST(ThreadPool, VisitsEveryIndexOnceAtAnyThreadCountAndGrain) {
  for (int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    ASSERT_EQ(pool.threads(), threads);
    for (int64_t count : {0, 1, 7, 64, 1000}) {
      for (int64_t grain : {1, 3, 64}) {
        std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
        pool.run(count, grain, [&](int64_t begin, int64_t end, int worker) {
          EXPECT_EQ(begin % grain, 0);
          EXPECT_LT(worker, threads);
          for (int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
        });
        for (const auto& n : visits)
          ASSERT_EQ(n.load(), 1) << threads << " threads, " << count << " items, grain " << grain;
      }
    }
  }
}

TEST(ThreadPool, RunsManyShortLoopsWithoutLosingOne) {
  ThreadPool pool(3);
  std::atomic<int64_t> sum{0};
  for (int i = 0; i < 5000; ++i) pool.run(3, [&](int64_t begin, int64_t end, int) { sum += end - begin; });
  EXPECT_EQ(sum.load(), 15000);
}

TEST(Hash, IsXxh3AndDoesNotDependOnTheCut) {
  const std::string text = "graupel is soft hail";
  const std::string head = text.substr(0, 7), tail = text.substr(7);
  const ByteSpan pieces[] = {bytes_of(head), bytes_of(tail)};
  EXPECT_EQ(xxh3_64(pieces), xxh3_64(bytes_of(text)));
  EXPECT_EQ(hex64(xxh3_64(ByteSpan{})), "2d06800538d394c2");  // the published hash of nothing
}

TEST(Cpu, NamesItsLevelsBothWays) {
  for (Isa isa : {Isa::kRef, Isa::kAvx2, Isa::kAvx512}) EXPECT_EQ(*parse_isa(to_string(isa)), isa);
  EXPECT_FALSE(parse_isa("sse9").ok());
}

TEST(Round, TiesGoToEven) {
  EXPECT_EQ(round_even(0.5), 0.0);
  EXPECT_EQ(round_even(1.5), 2.0);
  EXPECT_EQ(round_even(-2.5), -2.0);
  EXPECT_EQ(round_even(1073741823.5), 1073741824.0);
}

}  // namespace
}  // namespace graupel
