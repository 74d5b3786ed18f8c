// The client of hailort_service: libhailort loads it when a virtual device asks for the service.
#include <grpcpp/grpcpp.h>

#include <cstring>
#include <mutex>

#include "hailort/service_link.h"
#include "service/address.h"
#include "service/service.grpc.pb.h"

namespace hailort {
namespace {

namespace wire = graupel::service;

ServiceStatus status_of(const wire::Status& status) { return {static_cast<hailo_status>(status.code()), status.why()}; }

ServiceStatus gone() {
  return {HAILO_RPC_FAILED, "the service at '" + service_address() + "' does not answer: is hailort_service running?"};
}

/// A call that is held open; both ends take turns.
template <class Request, class Reply>
class HeldCall {
 public:
  using Stream = grpc::ClientReaderWriter<Request, Reply>;

  template <class Start>
  explicit HeldCall(Start start) : stream_(start(&context_)) {}
  ~HeldCall() {
    stream_->WritesDone();
    Reply ignored;
    while (stream_->Read(&ignored)) continue;
    (void)stream_->Finish();
  }

  /// False: the other end is gone.
  bool ask(const Request& request, Reply& reply) { return stream_->Write(request) && stream_->Read(&reply); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<Stream> stream_;
};

class Group final : public ServiceGroup {
 public:
  explicit Group(wire::Device::Stub& stub) : call_([&](grpc::ClientContext* context) { return stub.Group(context); }) {}

  ServiceStatus configure(uint64_t device, graupel::ByteSpan hef) {
    wire::GroupRequest request;
    request.mutable_configure()->set_device(device);
    request.mutable_configure()->set_hef(hef.data(), hef.size());
    wire::Reply reply;
    return ask(request, reply);
  }

  ServiceStatus run(std::size_t network, std::span<const graupel::ByteSpan> in,
                    std::span<const std::span<std::byte>> out) override {
    wire::GroupRequest request;
    wire::Frame& frame = *request.mutable_run();
    frame.set_network(static_cast<uint32_t>(network));
    for (const graupel::ByteSpan one : in) frame.add_inputs(one.data(), one.size());
    wire::Reply reply;
    const ServiceStatus status = ask(request, reply);
    if (!status.ok()) return status;
    if (static_cast<std::size_t>(reply.outputs_size()) != out.size())
      return {HAILO_RPC_FAILED, "the service answered with another number of outputs"};
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::string& bytes = reply.outputs(static_cast<int>(i));
      if (bytes.size() != out[i].size()) return {HAILO_RPC_FAILED, "the service answered with a frame of another size"};
      std::memcpy(out[i].data(), bytes.data(), bytes.size());
    }
    return status;
  }

  ServiceStatus set_priority(uint8_t priority) override {
    wire::GroupRequest request;
    request.set_priority(priority);
    wire::Reply reply;
    return ask(request, reply);
  }

 private:
  ServiceStatus ask(const wire::GroupRequest& request, wire::Reply& reply) {
    const std::lock_guard lock(mutex_);
    return call_.ask(request, reply) ? status_of(reply.status()) : gone();
  }

  std::mutex mutex_;
  HeldCall<wire::GroupRequest, wire::Reply> call_;
};

class Device final : public ServiceDevice {
 public:
  Device()
      : stub_(wire::Device::NewStub(
            grpc::CreateCustomChannel(service_address(), grpc::InsecureChannelCredentials(), limits()))),
        call_([&](grpc::ClientContext* context) { return stub_->Open(context); }) {}

  ServiceStatus open(const std::string& group_id) {
    wire::OpenRequest request;
    request.set_version(kServiceVersion);
    request.set_group_id(group_id);
    wire::OpenReply reply;
    if (!call_.ask(request, reply)) return gone();
    device_ = reply.device();
    return status_of(reply.status());
  }

  ServiceStatus configure(graupel::ByteSpan hef, std::unique_ptr<ServiceGroup>& group) override {
    auto made = std::make_unique<Group>(*stub_);
    const ServiceStatus status = made->configure(device_, hef);
    if (status.ok()) group = std::move(made);
    return status;
  }

 private:
  /// HEFs and frames are as large as they are; forked children and others have connections of their own.
  static grpc::ChannelArguments limits() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetMaxSendMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return arguments;
  }

  std::unique_ptr<wire::Device::Stub> stub_;
  HeldCall<wire::OpenRequest, wire::OpenReply> call_;
  uint64_t device_ = 0;
};

}  // namespace
}  // namespace hailort

extern "C" __attribute__((visibility("default"))) hailort::ServiceStatus hailort_connect_to_service(
    const std::string& group_id, std::unique_ptr<hailort::ServiceDevice>& device) {
  auto made = std::make_unique<hailort::Device>();
  const hailort::ServiceStatus status = made->open(group_id);
  if (status.ok()) device = std::move(made);
  return status;
}
