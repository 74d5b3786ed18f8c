// Label files as people write them.
#include "eval/labels.h"

#include <gtest/gtest.h>

namespace graupel {
namespace {

TEST(Labels, PickColumnsAndRowsAndIgnoreFolders) {
  const char* csv =
      "\xEF\xBB\xBF"
      "file,index,note,split\r\na/x.jpg,3,\"one, \"\"two\"\"\nthree\",test\r\ny.jpg,4,,train\r\n\r\n";
  const auto labels = parse_labels(csv, {"file", "index", {{"split", "test"}}});
  ASSERT_TRUE(labels.ok()) << labels.error().text();
  EXPECT_EQ(*labels, (Labels{{"x.jpg", 3}}));
  EXPECT_EQ(parse_labels(csv, {"file", "index", {}})->size(), 2u);
}

TEST(Labels, SayWhatIsWrong) {
  const auto message = [](const char* csv, const LabelOptions& options) {
    const auto labels = parse_labels(csv, options);
    return labels.ok() ? "accepted" : labels.error().text();
  };
  EXPECT_NE(message("file,digit\nx,1\n", {}).find("no column 'label' (columns: file, digit)"), std::string::npos);
  EXPECT_NE(message("file,label\nx,cat\n", {}).find("row 2"), std::string::npos);
  EXPECT_NE(message("file,label\nx,-1\n", {}).find("'-1'"), std::string::npos);
  EXPECT_NE(message("file,label\nx\n", {}).find("has 1 fields"), std::string::npos);
  EXPECT_NE(message("file,label\na/x,1\nb/x,2\n", {}).find("'x' has the labels 1 and 2"), std::string::npos);
  EXPECT_NE(message("file,label\nx,1\n", {"file", "label", {{"label", "2"}}}).find("no row is left"),
            std::string::npos);
  EXPECT_NE(message("", {}).find("no column"), std::string::npos);
}

}  // namespace
}  // namespace graupel
