// LLVM ORC as Toll uses it: object code in, one function out, each in a JITDylib of its own that
// resolves nothing but a given list of symbols.
#pragma once

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/Support/MemoryBuffer.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "base/result.h"
#include "compiler/native/generator.h"
#include "compiler/native/symbols.h"

namespace toll::compiler {

/// An LLVM error as ours.
std::unexpected<Error> native_failure(llvm::Error error);

class Jit : public std::enable_shared_from_this<Jit> {
 public:
  static Result<std::shared_ptr<Jit>> create();

  /// Code in memory. Frees it, and its symbol names, when destroyed; keeps the Jit alive until
  /// then.
  class Library {
   public:
    Library(std::shared_ptr<Jit> jit, llvm::orc::JITDylib& dylib)
        : jit_(std::move(jit)), dylib_(dylib) {}
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    ~Library();

    void* entry = nullptr;  ///< the address of the function that was asked for

   private:
    friend class Jit;
    std::shared_ptr<Jit> jit_;
    llvm::orc::JITDylib& dylib_;
  };

  /// Links `object` against `symbols` and looks up `function`. Any thread.
  Result<std::unique_ptr<Library>> load(std::unique_ptr<llvm::MemoryBuffer> object,
                                        const char* function,
                                        std::span<const NativeSymbol> symbols);

  GeneratorPool& generators() { return generators_; }

 private:
  Jit(std::unique_ptr<llvm::orc::LLJIT> lljit, llvm::orc::JITTargetMachineBuilder target)
      : generators_(std::move(target)), lljit_(std::move(lljit)) {}

  /// The session reports causes apart from the errors that its calls return, on any thread.
  std::string take_reports();
  std::mutex reports_mutex_;
  std::string reports_;

  GeneratorPool generators_;
  std::atomic<uint64_t> libraries_ = 0;      // for names that do not repeat
  std::unique_ptr<llvm::orc::LLJIT> lljit_;  // last, since it reports while it ends
};

}  // namespace toll::compiler
