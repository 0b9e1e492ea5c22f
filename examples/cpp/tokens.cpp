// A token's life with include/sailpat.hpp: nothing is freed by hand, and a failure is an exception with the
// error's stable name.
//
//   c++ -std=c++17 tokens.cpp $(pkg-config --cflags --libs sailpat) -o tokens
#include <chrono>
#include <iostream>
#include <string>

#include "sailpat.hpp"

namespace {

// A real program reads this with its JSON library.
std::string text_of(std::string_view json, const std::string &field)
{
  const std::string key = '"' + field + "\":\"";
  const auto start = json.find(key);
  if (start == std::string_view::npos)
    return {};
  json.remove_prefix(start + key.size());
  return std::string(json.substr(0, json.find('"')));
}

void life_of_a_token(const sailpat::Client &client)
{
  const auto made = client.call("create", R"({"name":"from C++"})").value();
  const std::string id = text_of(made.text(), "id");
  std::cout << "made " << id << '\n';

  const std::string patch = R"({"id":")" + id + R"(","patch":[{"op":"replace","path":"/name","value":"renamed"}]})";
  std::cout << "is called " << text_of(client.call("update", patch).value().text(), "name") << " now\n";

  const std::string request = R"({"id":")" + id + R"("})";
  client.call("delete", request).value();
  try {
    client.call("get", request).value();
  } catch (const sailpat::Error &error) {
    std::cout << "and now: " << error.code() << '\n';
  }
}

void a_list_as_a_job(const sailpat::Client &client)
{
  using namespace std::chrono_literals;
  sailpat::Job job = client.start("list", R"({"ownerId":"me"})");
  while (!job.wait(50ms))
    std::cout << job.progress().text() << '\n';
  std::cout << job.take()->text().size() << " bytes\n";
}

} // namespace

int main()
{
  try {
    const sailpat::Client client(R"({"timeoutMs":20000})");
    life_of_a_token(client);
    a_list_as_a_job(client);
    return 0;
  } catch (const sailpat::Error &error) {
    std::cerr << error.code() << ": " << error.what() << '\n';
    return 1;
  }
}
