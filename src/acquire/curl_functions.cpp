// What is used of libcurl, passed on to it (shared_library.h).

// Without these macros: what they wrap is defined here.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include <cstdarg>

#include "acquire/shared_library.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo

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

// An option's number tells the type of its value (CURLOPTTYPE_…).
extern "C" CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...) {
  static const auto function = curl().find<decltype(&curl_easy_setopt)>("curl_easy_setopt");
  va_list values;
  va_start(values, option);
  CURLcode code = CURLE_OK;
  if (option < CURLOPTTYPE_OBJECTPOINT) {
    code = function(handle, option, va_arg(values, long));
  } else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
    code = function(handle, option, va_arg(values, curl_off_t));
  } else if (option >= CURLOPTTYPE_FUNCTIONPOINT && option < CURLOPTTYPE_OFF_T) {
    code = function(handle, option, va_arg(values, void (*)()));
  } else {
    code = function(handle, option, va_arg(values, void*));
  }
  va_end(values);
  return code;
}

extern "C" CURLcode curl_easy_getinfo(CURL* handle, CURLINFO info, ...) {
  static const auto function = curl().find<decltype(&curl_easy_getinfo)>("curl_easy_getinfo");
  va_list values;
  va_start(values, info);
  const CURLcode code = function(handle, info, va_arg(values, void*));
  va_end(values);
  return code;
}
