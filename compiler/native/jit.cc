#include "compiler/native/jit.h"

#include <llvm/Support/TargetSelect.h>

#include <utility>

namespace toll::compiler {

namespace orc = llvm::orc;

std::unexpected<Error> native_failure(llvm::Error error) {
  return std::unexpected(Error{"native code: " + llvm::toString(std::move(error))});
}

Result<std::shared_ptr<Jit>> Jit::create() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  auto target = orc::JITTargetMachineBuilder::detectHost();
  if (!target) return native_failure(target.takeError());
  // Without the process' symbols there is no native platform to set up either; cards need none.
  auto lljit = orc::LLJITBuilder()
                   .setJITTargetMachineBuilder(*target)
                   .setLinkProcessSymbolsByDefault(false)
                   .setPlatformSetUp(orc::setUpInactivePlatform)
                   .create();
  if (!lljit) return native_failure(lljit.takeError());
  std::shared_ptr<Jit> jit(new Jit(std::move(*lljit), std::move(*target)));
  jit->lljit_->getExecutionSession().setErrorReporter([jit = jit.get()](llvm::Error error) {
    const std::lock_guard lock(jit->reports_mutex_);
    jit->reports_ += ": " + llvm::toString(std::move(error));
  });
  return jit;
}

std::string Jit::take_reports() {
  const std::lock_guard lock(reports_mutex_);
  return std::exchange(reports_, {});
}

Result<std::unique_ptr<Jit::Library>> Jit::load(std::unique_ptr<llvm::MemoryBuffer> object,
                                                const char* function,
                                                std::span<const NativeSymbol> symbols) {
  orc::ExecutionSession& session = lljit_->getExecutionSession();
  orc::JITDylib& dylib = session.createBareJITDylib("card_" + std::to_string(libraries_++));
  auto library = std::make_unique<Library>(shared_from_this(), dylib);
  orc::SymbolMap map;
  for (const NativeSymbol& symbol : symbols)
    map[lljit_->mangleAndIntern(symbol.name)] = {
        orc::ExecutorAddr(symbol.address),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  if (llvm::Error error = dylib.define(orc::absoluteSymbols(std::move(map))))
    return native_failure(std::move(error));
  if (llvm::Error error = lljit_->addObjectFile(dylib, std::move(object)))
    return native_failure(std::move(error));
  auto address = lljit_->lookup(dylib, function);
  if (!address) {
    auto failure = native_failure(address.takeError());
    failure.error().message += take_reports();
    return failure;
  }
  library->entry = address->toPtr<void*>();
  return library;
}

Jit::Library::~Library() {
  orc::ExecutionSession& session = jit_->lljit_->getExecutionSession();
  // A failure leaves the code in memory; there is nothing else to do about it, and the process goes
  // on.
  if (llvm::Error error = session.removeJITDylib(dylib_)) session.reportError(std::move(error));
  session.getSymbolStringPool()->clearDeadEntries();
}

}  // namespace toll::compiler
