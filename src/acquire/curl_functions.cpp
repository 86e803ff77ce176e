// What is used of libcurl, passed on to it (shared_library.h).

#include <curl/curl.h>

#include "acquire/curl_options.h"
#include "acquire/shared_library.h"

namespace {

const minescan::acquire::SharedLibrary& curl() {
  static const minescan::acquire::SharedLibrary library(MINESCAN_LIBCURL);
  return library;
}

}  // namespace

#define PASS_ON(result, name, parameters, ...) \
  MINESCAN_PASS_ON(curl, result, name, parameters, __VA_ARGS__)

PASS_ON(CURLcode, curl_global_init, (long flags), flags)
PASS_ON(curl_version_info_data*, curl_version_info, (CURLversion version), version)
PASS_ON(void, curl_free, (void* text), text)
PASS_ON(time_t, curl_getdate, (const char* text, const time_t* unused), text, unused)
PASS_ON(curl_slist*, curl_slist_append, (curl_slist * list, const char* text), list, text)
PASS_ON(void, curl_slist_free_all, (curl_slist * list), list)

PASS_ON(CURL*, curl_easy_init, ())
PASS_ON(void, curl_easy_cleanup, (CURL * handle), handle)
PASS_ON(void, curl_easy_reset, (CURL * handle), handle)
PASS_ON(CURLcode, curl_easy_perform, (CURL * handle), handle)
PASS_ON(const char*, curl_easy_strerror, (CURLcode code), code)
PASS_ON(char*, curl_easy_escape, (CURL * handle, const char* text, int size), handle, text, size)

PASS_ON(CURLM*, curl_multi_init, ())
PASS_ON(CURLMcode, curl_multi_cleanup, (CURLM * multi), multi)
PASS_ON(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL* handle), multi, handle)
PASS_ON(CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL* handle), multi, handle)
PASS_ON(CURLMcode, curl_multi_perform, (CURLM * multi, int* running), multi, running)
PASS_ON(CURLMcode, curl_multi_poll,
        (CURLM * multi, curl_waitfd extra[], unsigned count, int milliseconds, int* ready), multi,
        extra, count, milliseconds, ready)
PASS_ON(CURLMcode, curl_multi_wakeup, (CURLM * multi), multi)
PASS_ON(CURLMsg*, curl_multi_info_read, (CURLM * multi, int* left), multi, left)

PASS_ON(CURLU*, curl_url, ())
PASS_ON(void, curl_url_cleanup, (CURLU * url), url)
PASS_ON(CURLUcode, curl_url_get, (CURLU * url, CURLUPart part, char** text, unsigned flags), url,
        part, text, flags)
PASS_ON(CURLUcode, curl_url_set, (CURLU * url, CURLUPart part, const char* text, unsigned flags),
        url, part, text, flags)

#undef PASS_ON

namespace minescan::acquire {

SetOption curl_set_option() {
  static const auto function = curl().find<SetOption>("curl_easy_setopt");
  return function;
}

GetInfo curl_get_info() {
  static const auto function = curl().find<GetInfo>("curl_easy_getinfo");
  return function;
}

}  // namespace minescan::acquire
