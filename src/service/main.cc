// hailort_service: one process holds the device, and others run their frames on it under one scheduler.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <latch>
#include <map>
#include <mutex>

#include "hailo/hailort.hpp"
#include "service/address.h"
#include "service/service.grpc.pb.h"

namespace hailort {
namespace {

namespace wire = graupel::service;

void set(wire::Status& out, hailo_status code, const std::string& why) {
  out.set_code(code);
  if (code != HAILO_SUCCESS) out.set_why(why);
}

/// A group as its caller's requests find it: the streams of each network.
class Group {
 public:
  hailo_status configure(VDevice& vdevice, const std::string& file) {
    auto hef = Hef::create(MemoryView::create_const(file.data(), file.size()));
    if (!hef) return hef.status();
    auto groups = vdevice.configure(*hef);
    if (!groups) return groups.status();
    group_ = groups->at(0);
    const auto networks = group_->get_network_infos();
    if (!networks) return networks.status();
    for (const hailo_network_info_t& network : *networks) {
      auto in = group_->get_input_streams_by_network(network.name);
      auto out = group_->get_output_streams_by_network(network.name);
      if (!in || !out) return in ? out.status() : in.status();
      networks_.push_back({in.release(), out.release()});
    }
    return HAILO_SUCCESS;
  }

  hailo_status run(const wire::Frame& frame, wire::Reply& reply) {
    if (frame.network() >= networks_.size()) return HAILO_NOT_FOUND;
    Network& network = networks_[frame.network()];
    if (static_cast<std::size_t>(frame.inputs_size()) != network.in.size()) return HAILO_INVALID_ARGUMENT;
    for (std::size_t i = 0; i < network.in.size(); ++i)
      if (frame.inputs(static_cast<int>(i)).size() != network.in[i].get().get_frame_size())
        return HAILO_INVALID_ARGUMENT;
    for (OutputStream& stream : network.out) reply.add_outputs()->resize(stream.get_frame_size());
    std::latch ended(static_cast<std::ptrdiff_t>(network.in.size() + network.out.size()));
    std::atomic<hailo_status> status = HAILO_SUCCESS;
    const auto end = [&](hailo_status one) {
      if (one != HAILO_SUCCESS) status = one;
      ended.count_down();
    };
    const auto done = [&](const auto& info) { end(info.status); };
    // A stream that refuses ends its transfer itself; those that were taken end with the group.
    for (std::size_t i = 0; i < network.out.size(); ++i) {
      std::string& bytes = *reply.mutable_outputs(static_cast<int>(i));
      const hailo_status taken = network.out[i].get().read_async(bytes.data(), bytes.size(), done);
      if (taken != HAILO_SUCCESS) end(taken);
    }
    for (std::size_t i = 0; i < network.in.size(); ++i) {
      const std::string& bytes = frame.inputs(static_cast<int>(i));
      const hailo_status taken = network.in[i].get().write_async(bytes.data(), bytes.size(), done);
      if (taken != HAILO_SUCCESS) end(taken);
    }
    if (status != HAILO_SUCCESS) group_->shutdown();
    ended.wait();
    return status;
  }

  hailo_status set_priority(uint32_t priority) {
    if (priority > HAILO_SCHEDULER_PRIORITY_MAX) return HAILO_INVALID_ARGUMENT;
    return group_->set_scheduler_priority(static_cast<uint8_t>(priority));
  }

 private:
  struct Network {
    InputStreamRefVector in;
    OutputStreamRefVector out;
  };
  std::shared_ptr<ConfiguredNetworkGroup> group_;
  std::vector<Network> networks_;
};

class Service final : public wire::Device::Service {
 public:
  grpc::Status Open(grpc::ServerContext*, grpc::ServerReaderWriter<wire::OpenReply, wire::OpenRequest>* call) override {
    wire::OpenRequest request;
    if (!call->Read(&request)) return grpc::Status::OK;
    wire::OpenReply reply;
    std::shared_ptr<VDevice> vdevice;
    if (request.version() != kServiceVersion)
      set(*reply.mutable_status(), HAILO_INVALID_SERVICE_VERSION,
          "the program speaks version " + request.version() + " of the service, which is " + kServiceVersion);
    else
      vdevice = create(request.group_id(), *reply.mutable_status());
    if (vdevice) {
      const std::lock_guard lock(mutex_);
      reply.set_device(++last_);
      devices_[reply.device()] = vdevice;
    }
    call->Write(reply);
    while (call->Read(&request)) continue;  // until the caller ends the call, or ends
    const std::lock_guard lock(mutex_);
    devices_.erase(reply.device());
    return grpc::Status::OK;
  }

  grpc::Status Group(grpc::ServerContext*, grpc::ServerReaderWriter<wire::Reply, wire::GroupRequest>* call) override {
    hailort::Group group;
    std::shared_ptr<VDevice> vdevice;
    wire::GroupRequest request;
    while (call->Read(&request)) {
      wire::Reply reply;
      hailo_status status = HAILO_INVALID_OPERATION;
      if (!vdevice) {
        if (request.has_configure()) vdevice = find(request.configure().device());
        if (vdevice) status = group.configure(*vdevice, request.configure().hef());
        if (status != HAILO_SUCCESS) vdevice.reset();
      } else if (request.has_run()) {
        status = group.run(request.run(), reply);
      } else if (request.what_case() == wire::GroupRequest::kPriority) {
        status = group.set_priority(request.priority());
      }
      if (status != HAILO_SUCCESS) reply.clear_outputs();
      set(*reply.mutable_status(), status, "the service refused; its log says why");
      if (!call->Write(reply)) break;
    }
    return grpc::Status::OK;
  }

 private:
  static std::shared_ptr<VDevice> create(const std::string& group_id, wire::Status& status) {
    hailo_vdevice_params_t params = HailoRTDefaults::get_vdevice_params();
    params.group_id = group_id.c_str();
    auto vdevice = VDevice::create_shared(params);
    set(status, vdevice.status(), "the service has no virtual device for group '" + group_id + "'; its log says why");
    return vdevice ? vdevice.release() : nullptr;
  }

  std::shared_ptr<VDevice> find(uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = devices_.find(number);
    return found == devices_.end() ? nullptr : found->second;
  }

  std::mutex mutex_;
  std::map<uint64_t, std::shared_ptr<VDevice>> devices_;  ///< of the callers that live
  uint64_t last_ = 0;
};

int run() {
  // Blocked before any thread starts, so that all inherit it and sigwait() gets the signal.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  const std::string address = service_address();
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(-1);
  builder.SetMaxSendMessageSize(-1);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::fprintf(stderr, "hailort_service: cannot listen at '%s'\n", address.c_str());
    return HAILO_OPEN_FILE_FAILURE;
  }
  std::printf("hailort_service: listening at %s\n", address.c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return HAILO_SUCCESS;
}

}  // namespace
}  // namespace hailort

int main() { return hailort::run(); }
