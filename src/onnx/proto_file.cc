#include "onnx/proto_file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <limits>

#include "base/file.h"

namespace graupel::onnx {

Result<::onnx::ModelProto> read_proto(const std::string& path) {
  GRAUPEL_TRY(const MappedFile file, MappedFile::open(path));
  const ByteSpan bytes = file.bytes();
  if (bytes.empty()) return corrupt("the file is empty");
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return unsupported("the file has ", bytes.size(), " bytes (supported: below 2 GiB); save it with external data");
  google::protobuf::io::ArrayInputStream array(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedInputStream stream(&array);
  stream.SetTotalBytesLimit(std::numeric_limits<int>::max());
  ::onnx::ModelProto proto;
  if (!proto.ParsePartialFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
    return corrupt("not an ONNX model, or cut short (", bytes.size(), " bytes)");
  if (!proto.has_graph()) return corrupt("not an ONNX model: it holds no graph");
  return proto;
}

Result<Bytes> serialize(const ::onnx::ModelProto& proto) {
  const std::size_t size = proto.ByteSizeLong();
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return unsupported("an ONNX file of ", size, " bytes (supported: below 2 GiB)");
  Bytes bytes(size);
  google::protobuf::io::ArrayOutputStream array(bytes.data(), static_cast<int>(size));
  google::protobuf::io::CodedOutputStream stream(&array);
  stream.SetSerializationDeterministic(true);
  proto.SerializeWithCachedSizes(&stream);
  return bytes;
}

}  // namespace graupel::onnx
