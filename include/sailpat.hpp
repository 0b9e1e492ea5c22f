// sailpat from C++17: replies, clients and jobs that free themselves. SPDX-License-Identifier: MIT OR Apache-2.0
//
//   sailpat::Client client(R"({"apiVersion":"v2025"})");   // throws sailpat::Error
//   sailpat::Reply tokens = client.call("list", R"({"ownerId":"me"})").value();
//   std::cout << tokens.text() << '\n';
//
// Header only, over sailpat.h alone: whatever JSON library a program has reads the texts. Nothing here throws
// but sailpat::Error, and nothing throws through C. A Client may be used by many threads at once; a Reply and a
// Job belong to one thread at a time.
#ifndef SAILPAT_HPP
#define SAILPAT_HPP

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "sailpat.h"

namespace sailpat {

// An envelope, which is wiped and freed with this. See sailpat.h for what stands in it.
class Reply {
public:
  explicit Reply(char *text) noexcept : text_(text) {}
  ~Reply() { pat_string_free(text_); }
  Reply(Reply &&other) noexcept : text_(std::exchange(other.text_, nullptr)) {}
  Reply &operator=(Reply &&other) noexcept {
    std::swap(text_, other.text_);
    return *this;
  }
  Reply(const Reply &) = delete;
  Reply &operator=(const Reply &) = delete;

  // The whole envelope as JSON; valid as long as this is.
  std::string_view text() const noexcept { return {text_ == nullptr ? "" : text_, pat_string_len(text_)}; }

  // Whether the call succeeded: an envelope begins with its "ok".
  bool ok() const noexcept { return text().substr(0, 11) == R"({"ok":true,)"; }

  // The stable name of the error, such as "not_found"; empty on success.
  std::string_view code() const noexcept { return field(R"({"ok":false,"error":{"code":")"); }

  // This, or an Error when the call failed.
  Reply &&value() &&;

private:
  // The text between a beginning of the envelope and the next quote.
  std::string_view field(std::string_view beginning) const noexcept {
    const std::string_view all = text();
    if (all.substr(0, beginning.size()) != beginning)
      return {};
    const std::string_view rest = all.substr(beginning.size());
    return rest.substr(0, rest.find('"'));
  }

  char *text_;
};

// A failed call. what() is the envelope: code, message, remedy; never a secret.
class Error : public std::runtime_error {
public:
  explicit Error(const Reply &reply) : std::runtime_error(std::string(reply.text())), code_(reply.code()) {}

  // The stable name, such as "not_found".
  const std::string &code() const noexcept { return code_; }

private:
  std::string code_;
};

inline Reply &&Reply::value() && {
  if (!ok())
    throw Error(*this);
  return std::move(*this);
}

// A call under way. Going out of scope cancels it.
class Job {
public:
  explicit Job(pat_job job) noexcept : job_(job) {}
  ~Job() {
    if (job_ != 0)
      pat_job_free(job_);
  }
  Job(Job &&other) noexcept : job_(std::exchange(other.job_, 0)) {}
  Job &operator=(Job &&other) noexcept {
    std::swap(job_, other.job_);
    return *this;
  }
  Job(const Job &) = delete;
  Job &operator=(const Job &) = delete;

  // Waits at most this long; true when the job has ended.
  bool wait(std::chrono::milliseconds limit) const noexcept {
    return pat_job_wait(job_, static_cast<std::uint32_t>(limit.count())) != 0;
  }

  Reply progress() const { return Reply(pat_job_progress(job_)); }
  void cancel() const noexcept { pat_job_cancel(job_); }

  // The reply when there is one; it can be taken once.
  std::optional<Reply> take() {
    Reply reply(pat_job_take(job_));
    if (reply.code() == "not_finished")
      return std::nullopt;
    return reply;
  }

  pat_job handle() const noexcept { return job_; }

private:
  pat_job job_;
};

// Settings of one's own. What a credential has (bearer, connections, rate limit) all clients share.
class Client {
public:
  // The process's default client, which pat_configure settles.
  Client() noexcept = default;

  // A client with these settings, as JSON; throws Error where one is wrong.
  explicit Client(const std::string &settings) {
    char *reply = nullptr;
    client_ = pat_client_new(settings.c_str(), &reply);
    Reply said(reply);
    if (!said.ok()) {
      pat_client_free(client_);
      throw Error(said);
    }
  }
  ~Client() {
    if (client_ != 0)
      pat_client_free(client_);
  }
  Client(Client &&other) noexcept : client_(std::exchange(other.client_, 0)) {}
  Client &operator=(Client &&other) noexcept {
    std::swap(client_, other.client_);
    return *this;
  }
  Client(const Client &) = delete;
  Client &operator=(const Client &) = delete;

  // Runs an operation ("create", "list", "get", "update", "delete", …) with a request as JSON. Blocks.
  Reply call(const char *operation, const std::string &request = "{}") const {
    return Reply(pat_client_call(client_, operation, request.c_str()));
  }

  // Starts it and returns at once.
  Job start(const char *operation, const std::string &request = "{}") const {
    return Job(pat_job_start(client_, operation, request.c_str()));
  }

  pat_client handle() const noexcept { return client_; }

private:
  pat_client client_ = 0;
};

} // namespace sailpat

#endif // SAILPAT_HPP
