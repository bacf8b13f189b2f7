#include <magna/providers/url.hpp>

#include <magna/tests/support/test.hpp>

using namespace magna;

SUITE("url") {

TEST("a path goes before the query") {
  check_eq(join_url("https://h/v1/", "/chat"), "https://h/v1/chat");
  check_eq(
    join_url("https://r.openai.azure.com/openai/deployments/d?api-version=2024-10-21", "/chat/completions"),
    "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21");
  check_eq(join_url("https://h/?a=1", "/m:stream?alt=sse"), "https://h/m:stream?alt=sse&a=1");
  check_eq(join_url("https://h?", "/m"), "https://h/m");
}

TEST("the path of a URL") {
  check_eq(path_of_url("https://h/v1/"), "/v1");
  check_eq(path_of_url("https://h/a/b?x=/y"), "/a/b");
  check_eq(path_of_url("https://h"), "");
  check_eq(path_of_url("https://h/"), "");
  check_eq(path_of_url("https://h?x=/y"), "");
}

TEST("a URL for people hides what may be secret") {
  check_eq(url_to_show("https://h/v1"), "https://h/v1");
  check_eq(url_to_show("https://h/v1?code=sesame&b=1"), "https://h/v1?(hidden)");
  check_eq(url_to_show("https://user:sesame@h/v1#frag"), "https://(hidden)@h/v1#(hidden)");
  check_eq(url_to_show("https://h/v1?mail=a@b"), "https://h/v1?(hidden)");
  check_eq(url_to_show("?sesame"), "?(hidden)");
}

TEST("OLLAMA_HOST in all of Ollama's forms") {
  struct form {
    const char* text;
    const char* url;
  };
  for (const auto& [text, url] : {
         form{"gpu-1", "http://gpu-1:11434"},
         form{"gpu-1:8080", "http://gpu-1:8080"},
         form{":8080", "http://127.0.0.1:8080"},
         form{"0.0.0.0", "http://127.0.0.1:11434"},
         form{"0.0.0.0:8080", "http://127.0.0.1:8080"},
         form{"http://0.0.0.0:11434", "http://127.0.0.1:11434"},
         form{"1.2.3.4", "http://1.2.3.4:11434"},
         form{"[::]", "http://[::1]:11434"},
         form{"[::]:8080", "http://[::1]:8080"},
         form{"[::1]", "http://[::1]:11434"},
         form{"[fe80::1]:8080", "http://[fe80::1]:8080"},
         form{"http://gpu-1", "http://gpu-1"},
         form{"https://gpu-1", "https://gpu-1"},
         form{"HTTPS://ollama.com", "https://ollama.com"},
         form{"https://ollama.com/", "https://ollama.com"},
         form{"https://gpu-1:8443", "https://gpu-1:8443"},
         form{"gpu-1/ollama", "http://gpu-1:11434/ollama"},
         form{"gpu-1:8080/ollama/", "http://gpu-1:8080/ollama"},
         form{"\"gpu-1\"", "http://gpu-1:11434"},
         form{" 'gpu-1:1' ", "http://gpu-1:1"},
         form{"", "http://127.0.0.1:11434"},
       })
    check_eq(url_of_ollama_host(text), url);
}

} // SUITE("url")
