// Raw streams over a network's queues.
#pragma once

#include <mutex>

#include "hailo/stream.hpp"
#include "hailort/frame_queue.h"

namespace hailort {

/// The readers of a group's synchronous output streams. They start together, with the first synchronous call on any of
/// its streams, since a frame needs a buffer on every output.
struct SyncReaders {
  Network* network = nullptr;
  std::vector<std::size_t> outputs;
  std::once_flag once;
  std::vector<std::unique_ptr<FrameReader>> readers;

  void start();
  /// Null for an asynchronous output.
  FrameReader* reader(std::size_t output);
};

class InputStream::Impl {
 public:
  Impl(Network& net, std::size_t number, std::shared_ptr<SyncReaders> sync_readers)
      : network(net), id{HAILO_H2D_STREAM, number}, readers(std::move(sync_readers)) {}
  const StreamEdge& edge() const { return network.hef().streams(id.direction)[id.number]; }
  FrameWriter& writer();

  Network& network;
  StreamId id;
  std::shared_ptr<SyncReaders> readers;
  std::chrono::milliseconds timeout{HAILO_DEFAULT_VSTREAM_TIMEOUT_MS};

 private:
  std::once_flag once_;
  std::unique_ptr<FrameWriter> writer_;
};

class OutputStream::Impl {
 public:
  Impl(Network& net, std::size_t number, std::shared_ptr<SyncReaders> sync_readers)
      : network(net), id{HAILO_D2H_STREAM, number}, readers(std::move(sync_readers)) {}
  const StreamEdge& edge() const { return network.hef().streams(id.direction)[id.number]; }

  Network& network;
  StreamId id;
  std::shared_ptr<SyncReaders> readers;
  std::chrono::milliseconds timeout{HAILO_DEFAULT_VSTREAM_TIMEOUT_MS};
};

}  // namespace hailort
