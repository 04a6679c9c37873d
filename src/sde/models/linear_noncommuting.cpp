// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/linear_noncommuting.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/linear_law.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

Matrix rows_of(const double (&m)[2][2]) { return {{m[0][0], m[0][1]}, {m[1][0], m[1][1]}}; }

/// The field, with its matrices from the deck.
class LinearModel final : public FieldModel<LinearNoncommuting> {
 public:
  LinearModel() : FieldModel({1.0, 0.5}) {}

  void describe(deck::Schema& s) override {
    s.key("drift", drift_, deck::length(2, 2), "matrix A, by rows [1/time]");
    s.key("noise_1", noise_1_, deck::length(2, 2), "matrix B1, by rows [1/sqrt(time)]");
    s.key("noise_2", noise_2_, deck::length(2, 2), "matrix B2, by rows [1/sqrt(time)]");
    FieldModel::describe(s);
  }
  [[nodiscard]] std::unique_ptr<Propagator> propagator(
      const std::string& scheme, Precision precision,
      const PropagatorOptions& options) const override {
    LinearNoncommuting field;
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t j = 0; j < 2; ++j) {
        field.a[i][j] = drift_[i][j];
        field.b[0][i][j] = noise_1_[i][j];
        field.b[1][i][j] = noise_2_[i][j];
      }
    }
    return make_propagator<Motions::all>(field, initial(), scheme, precision, options);
  }

 private:
  static inline const LinearNoncommuting standard{};

  Matrix drift_ = rows_of(LinearNoncommuting{}.a);
  Matrix noise_1_ = rows_of(LinearNoncommuting{}.b[0]);
  Matrix noise_2_ = rows_of(LinearNoncommuting{}.b[1]);
};

}  // namespace

std::shared_ptr<Model> make_linear_noncommuting() { return std::make_shared<LinearModel>(); }

}  // namespace driftwood::sde
