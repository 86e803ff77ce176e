// What is used of libgit2, passed on to it (shared_library.h).

#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#if __has_include(<git2/sys/errors.h>)
#include <git2/sys/errors.h>  // where later versions declare git_error_set_str
#endif

#include <cstdarg>

#include "acquire/shared_library.h"

namespace {

const minescan::acquire::SharedLibrary& git() {
  static const minescan::acquire::SharedLibrary library(MINESCAN_LIBGIT2);
  return library;
}

}  // namespace

#define PASS_ON(result, name, parameters, ...) \
  MINESCAN_PASS_ON(git, result, name, parameters, __VA_ARGS__)

// clang-format off: a line a function, which a formatter would break in many ways.
PASS_ON(int, git_libgit2_init, ())
PASS_ON(void, git_buf_dispose, (git_buf * buffer), buffer)
PASS_ON(const git_error*, git_error_last, ())
PASS_ON(int, git_error_set_str, (int kind, const char* text), kind, text)

PASS_ON(char*, git_oid_tostr, (char* out, size_t size, const git_oid* id), out, size, id)
PASS_ON(int, git_oid_fromstr, (git_oid * out, const char* text), out, text)
PASS_ON(int, git_oid_equal, (const git_oid* one, const git_oid* other), one, other)

PASS_ON(int, git_repository_open_ext,
        (git_repository * *out, const char* path, unsigned flags, const char* ceilings), out, path,
        flags, ceilings)
PASS_ON(void, git_repository_free, (git_repository * repository), repository)
PASS_ON(const char*, git_repository_path, (const git_repository* repository), repository)
PASS_ON(const char*, git_repository_workdir, (const git_repository* repository), repository)
PASS_ON(const char*, git_repository_commondir, (const git_repository* repository), repository)
PASS_ON(int, git_repository_head_unborn, (git_repository * repository), repository)
PASS_ON(int, git_repository_is_bare, (const git_repository* repository), repository)
PASS_ON(int, git_repository_is_shallow, (git_repository * repository), repository)
PASS_ON(int, git_repository_index, (git_index * *out, git_repository* repository), out, repository)
PASS_ON(int, git_repository_odb, (git_odb * *out, git_repository* repository), out, repository)

PASS_ON(int, git_reference_name_to_id,
        (git_oid * out, git_repository* repository, const char* name), out, repository, name)
PASS_ON(int, git_revparse_single, (git_object * *out, git_repository* repository, const char* text),
        out, repository, text)
PASS_ON(int, git_merge_base,
        (git_oid * out, git_repository* repository, const git_oid* one, const git_oid* other), out,
        repository, one, other)

PASS_ON(int, git_object_peel, (git_object * *out, const git_object* object, git_object_t type), out,
        object, type)
PASS_ON(void, git_object_free, (git_object * object), object)
PASS_ON(int, git_odb_new, (git_odb * *out), out)
PASS_ON(int, git_odb_add_backend, (git_odb * odb, git_odb_backend* backend, int priority), odb,
        backend, priority)
PASS_ON(int, git_odb_init_backend, (git_odb_backend * backend, unsigned version), backend, version)
PASS_ON(void*, git_odb_backend_data_alloc, (git_odb_backend * backend, size_t size), backend, size)
PASS_ON(int, git_repository_set_odb, (git_repository * repository, git_odb* odb), repository, odb)
PASS_ON(int, git_odb_read_header,
        (size_t * size, git_object_t* type, git_odb* odb, const git_oid* id), size, type, odb, id)
PASS_ON(void, git_odb_free, (git_odb * odb), odb)

PASS_ON(int, git_commit_lookup, (git_commit * *out, git_repository* repository, const git_oid* id),
        out, repository, id)
PASS_ON(const git_oid*, git_commit_id, (const git_commit* commit), commit)
PASS_ON(const git_oid*, git_commit_tree_id, (const git_commit* commit), commit)
PASS_ON(git_repository*, git_commit_owner, (const git_commit* commit), commit)
PASS_ON(int, git_commit_tree, (git_tree * *out, const git_commit* commit), out, commit)
PASS_ON(void, git_commit_free, (git_commit * commit), commit)

PASS_ON(int, git_blob_lookup, (git_blob * *out, git_repository* repository, const git_oid* id), out,
        repository, id)
PASS_ON(const void*, git_blob_rawcontent, (const git_blob* blob), blob)
PASS_ON(git_object_size_t, git_blob_rawsize, (const git_blob* blob), blob)
PASS_ON(void, git_blob_free, (git_blob * blob), blob)

PASS_ON(int, git_tree_lookup, (git_tree * *out, git_repository* repository, const git_oid* id), out,
        repository, id)
PASS_ON(size_t, git_tree_entrycount, (const git_tree* tree), tree)
PASS_ON(const git_tree_entry*, git_tree_entry_byindex, (const git_tree* tree, size_t number), tree,
        number)
PASS_ON(const git_tree_entry*, git_tree_entry_byname, (const git_tree* tree, const char* name),
        tree, name)
PASS_ON(git_filemode_t, git_tree_entry_filemode_raw, (const git_tree_entry* entry), entry)
PASS_ON(void, git_tree_free, (git_tree * tree), tree)
PASS_ON(int, git_tree_entry_bypath, (git_tree_entry * *out, const git_tree* tree, const char* path),
        out, tree, path)
PASS_ON(const git_oid*, git_tree_entry_id, (const git_tree_entry* entry), entry)
PASS_ON(const char*, git_tree_entry_name, (const git_tree_entry* entry), entry)
PASS_ON(git_object_t, git_tree_entry_type, (const git_tree_entry* entry), entry)
PASS_ON(git_filemode_t, git_tree_entry_filemode, (const git_tree_entry* entry), entry)
PASS_ON(void, git_tree_entry_free, (git_tree_entry * entry), entry)

PASS_ON(int, git_index_open, (git_index * *out, const char* path), out, path)
PASS_ON(size_t, git_index_entrycount, (const git_index* index), index)
PASS_ON(const git_index_entry*, git_index_get_byindex, (git_index * index, size_t number), index,
        number)
PASS_ON(const git_index_entry*, git_index_get_bypath,
        (git_index * index, const char* path, int stage), index, path, stage)
PASS_ON(int, git_index_has_conflicts, (const git_index* index), index)
PASS_ON(void, git_index_free, (git_index * index), index)

PASS_ON(int, git_config_open_default, (git_config * *out), out)
PASS_ON(int, git_config_open_ondisk, (git_config * *out, const char* path), out, path)
PASS_ON(int, git_config_get_path, (git_buf * out, const git_config* config, const char* name), out,
        config, name)
PASS_ON(int, git_config_iterator_glob_new,
        (git_config_iterator * *out, const git_config* config, const char* pattern), out, config,
        pattern)
PASS_ON(int, git_config_next, (git_config_entry * *entry, git_config_iterator* iterator), entry,
        iterator)
PASS_ON(void, git_config_iterator_free, (git_config_iterator * iterator), iterator)
PASS_ON(void, git_config_free, (git_config * config), config)

PASS_ON(int, git_diff_options_init, (git_diff_options * options, unsigned version), options,
        version)
PASS_ON(int, git_diff_tree_to_tree,
        (git_diff * *out, git_repository* repository, git_tree* old, git_tree* now,
         const git_diff_options* options),
        out, repository, old, now, options)
PASS_ON(int, git_diff_tree_to_index,
        (git_diff * *out, git_repository* repository, git_tree* old, git_index* index,
         const git_diff_options* options),
        out, repository, old, index, options)
PASS_ON(size_t, git_diff_num_deltas, (const git_diff* diff), diff)
PASS_ON(const git_diff_delta*, git_diff_get_delta, (const git_diff* diff, size_t number), diff,
        number)
PASS_ON(void, git_diff_free, (git_diff * diff), diff)
// clang-format on

// What an option takes is not written down anywhere but in libgit2's documentation.
extern "C" int git_libgit2_opts(int option, ...) {
  static const auto function = git().find<decltype(&git_libgit2_opts)>("git_libgit2_opts");
  va_list values;
  va_start(values, option);
  int code = -1;  // of an option that is not here
  switch (option) {
    case GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION:
    case GIT_OPT_SET_OWNER_VALIDATION:
      code = function(option, va_arg(values, int));
      break;
    case GIT_OPT_SET_EXTENSIONS: {
      const char** const names = va_arg(values, const char**);
      code = function(option, names, va_arg(values, size_t));
      break;
    }
    case GIT_OPT_SET_SEARCH_PATH: {
      const int level = va_arg(values, int);
      code = function(option, level, va_arg(values, const char*));
      break;
    }
    default:
      break;
  }
  va_end(values);
  return code;
}
