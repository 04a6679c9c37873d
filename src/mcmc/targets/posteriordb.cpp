// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <filesystem>
#include <iterator>

#include "io/disk.hpp"
#include "mcmc/targets/make.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc {
namespace {

struct Model {
  const char* name;
  posteriordb::Posterior (*read)(const io::JsonObject&);
};

constexpr Model models[] = {
    {"arK-arK", posteriordb::ar_k},
    {"earnings-logearn_height", posteriordb::logearn_height},
    {"eight_schools-eight_schools_noncentered", posteriordb::eight_schools},
    {"garch-garch11", posteriordb::garch11},
    {"gp_pois_regr-gp_regr", posteriordb::gp_regr},
    {"hudson_lynx_hare-lotka_volterra", posteriordb::lotka_volterra},
    {"kidiq-kidscore_interaction", posteriordb::kidscore_interaction},
    {"kidiq-kidscore_momiq", posteriordb::kidscore_momiq},
    {"low_dim_gauss_mix-low_dim_gauss_mix", posteriordb::gauss_mix},
    {"mesquite-logmesquite_logvolume", posteriordb::logmesquite_logvolume},
    {"nes1980-nes", posteriordb::nes},
    {"sblrc-blr", posteriordb::blr},
    {"sblri-blr", posteriordb::blr},
};

std::vector<std::string> model_names() {
  std::vector<std::string> out;
  for (const Model& model : models) out.emplace_back(model.name);
  return out;
}

class PosteriordbTarget final : public Target {
 public:
  void describe(deck::Schema& s) override {
    s.key("model", model_, deck::one_of(model_names()), "the posterior, as posteriordb calls it")
        .required();
    s.key("data", data_, "file of its data, JSON; a name from the folder of the deck").required();
  }

  void validate(const deck::Source& deck, const std::string& path) override {
    const auto* const model = std::find_if(std::begin(models), std::end(models),
                                           [&](const Model& m) { return model_ == m.name; });
    const std::filesystem::path folder = io::disk::folder_of(deck.file());
    try {
      posterior_ = model->read(io::JsonObject((folder / data_).string()));
    } catch (const Error& error) {
      throw deck.error(path + ".data", error.what());
    }
  }

  [[nodiscard]] std::vector<Parameter> parameters() const override { return posterior_.parameters; }
  [[nodiscard]] std::unique_ptr<Density> density() const override { return posterior_.density(); }

 private:
  std::string model_;
  std::string data_;
  posteriordb::Posterior posterior_;
};

}  // namespace

std::shared_ptr<Target> make_posteriordb() { return std::make_shared<PosteriordbTarget>(); }

}  // namespace driftwood::mcmc
