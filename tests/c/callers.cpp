// The header from C++17: the same functions, held by the language's own means.
#include "control.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

// A reply that frees itself.
using Reply = std::unique_ptr<char, decltype(&pat_string_free)>;

Reply reply_of(char *text) { return Reply(heard(text), &pat_string_free); }

// A client that frees itself and cannot be copied.
class Client {
public:
    explicit Client(const std::string &settings)
    {
        char *reply = nullptr;
        handle = pat_client_new(settings.c_str(), &reply);
        opened = reply_of(reply);
    }
    ~Client() { pat_client_free(handle); }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    Reply call(const char *operation, const std::string &request) const
    {
        return reply_of(pat_client_call(handle, operation, request.c_str()));
    }

    pat_client handle = 0;
    Reply opened{nullptr, &pat_string_free};
};

void life_of_a_token(const Client &client)
{
    promise("a token's life from C++");
    Reply created = client.call("create", R"({"name":"from C++"})");
    CHECK(is_ok(created.get()));
    std::unique_ptr<char, decltype(&free)> id(string_field(created.get(), "id"), &free);
    CHECK(id != nullptr);
    const std::string request = std::string(R"({"id":")") + (id ? id.get() : "") + R"("})";
    CHECK(is_ok(client.call("get", request).get()));
    CHECK(is_ok(client.call("delete", request).get()));
    CHECK(is_error(client.call("delete", request).get(), "not_found"));
}

void threads_of_cxx(const Client &client)
{
    promise("std::thread and a shared client");
    std::vector<int> right(16, 0);
    std::vector<std::thread> threads;
    for (int &mine : right)
        threads.emplace_back([&client, &mine] {
            for (int call = 0; call < rounds(10, 2); call++)
                mine += is_ok(client.call("list", R"({"ownerId":"me"})").get());
        });
    for (std::thread &thread : threads)
        thread.join();
    int sum = 0;
    for (int mine : right)
        sum += mine;
    CHECK(sum == 16 * rounds(10, 2));
}

// Nothing of the library unwinds into C++ and nothing of C++ is thrown through it.
void a_job_in_a_scope(const Client &client)
{
    promise("a job that goes out of scope stops its request");
    reset_counters();
    fault("list", R"({"hang":true})");
    {
        const pat_job started = pat_job_start(client.handle, "list", R"({"ownerId":"me"})");
        auto release = [](const pat_job *job) { pat_job_free(*job); };
        std::unique_ptr<const pat_job, decltype(release)> job(&started, release);
        CHECK(counter_reaches("requests", "list", 1));
        CHECK(pat_job_wait(*job, 20) == 0);
    }
    CHECK(counter_reaches(nullptr, "droppedByClient", 1));
    no_more_faults();
}

void refusals(const Client &client)
{
    promise("errors look the same from C++");
    CHECK(is_error(client.call("list", "{").get(), "invalid_json"));
    CHECK(is_error(client.call("destroy", "{}").get(), "unknown_operation"));
    Client broken(R"({"nonsense":true})");
    CHECK(broken.handle != 0);
    CHECK(is_error(broken.opened.get(), "settings_invalid"));
    CHECK(is_error(broken.call("list", "{}").get(), "settings_invalid"));
}

} // namespace

int main()
{
    promise("a client takes the surroundings' settings and those it is given");
    Client client(R"({"rateLimit":null})");
    CHECK(is_ok(client.opened.get()));
    life_of_a_token(client);
    threads_of_cxx(client);
    a_job_in_a_scope(client);
    refusals(client);
    return finish();
}
