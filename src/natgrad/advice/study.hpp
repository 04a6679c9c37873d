// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "io/result_file.hpp"
#include "natgrad/advice/answer.hpp"
#include "natgrad/advice/inversion.hpp"
#include "natgrad/advice/options.hpp"

namespace driftwood::natgrad {

/// Advice on a table: what its rows say of their population and their labels of the signal, what
/// follows for every preconditioner, and whether that is so on the rows themselves.
class AdviceStudy {
 public:
  /// Estimates and predicts. Options must have been validated, and live longer. Collective.
  AdviceStudy(const comm::Communicator& comm, const AdviceOptions& options);
  AdviceStudy(const AdviceStudy&) = delete;
  AdviceStudy& operator=(const AdviceStudy&) = delete;

  /// What is to be tried.
  [[nodiscard]] AdviceTrial& trial() { return trial_; }
  [[nodiscard]] const AdviceGrid& grid() const { return grid_; }
  [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }
  /// Takes what all ranks have tried. Collective.
  void conclude(const comm::Communicator& comm);

  /// Collective.
  void write(io::ResultFile& file) const;
  [[nodiscard]] std::string text() const;

 private:
  /// One (n, signal, P, tuning, noise).
  struct Point {
    std::size_t n;
    std::size_t signal;
    std::size_t preconditioner;
    Tuning tuning;
    std::size_t noise;
    std::size_t filter;  ///< the best in theory
    BiasVariance theory;
    Measured risk;
  };
  /// One (n, P, tuning) of labels.
  struct LabelTest {
    std::size_t n;
    std::size_t preconditioner;
    Tuning tuning;
    std::size_t filter;
    double predicted;  ///< mean square error on other rows, over the labels' variance
    Measured error;
  };

  [[nodiscard]] std::optional<std::size_t> estimated_noise() const;
  [[nodiscard]] std::span<const TrialFinding> found_on(std::size_t n) const;
  [[nodiscard]] std::size_t chosen_filter(std::size_t n, std::size_t signal, std::size_t p,
                                          Tuning tuning, double noise) const;
  [[nodiscard]] std::vector<Point> points() const;
  [[nodiscard]] std::vector<LabelTest> label_tests() const;
  /// "yes: ngd, 10.5 % less risk"
  [[nodiscard]] std::string words_of(const Answer& a) const;
  [[nodiscard]] std::string place_of(std::size_t n, std::size_t p, Tuning tuning) const;
  /// What to heed of the table, and of what was tried.
  [[nodiscard]] std::vector<std::string> data_warnings() const;
  [[nodiscard]] std::vector<std::string> trial_warnings() const;
  void write_spectrum(io::ResultFile& file) const;
  void write_points(io::ResultFile& file) const;
  void write_answers(io::ResultFile& file) const;
  void write_labels(io::ResultFile& file) const;
  [[nodiscard]] std::string data_text() const;
  [[nodiscard]] std::string answer_text() const;
  [[nodiscard]] std::string ranges_text() const;
  [[nodiscard]] std::string label_text() const;
  [[nodiscard]] std::string trial_text() const;

  const AdviceOptions& options_;
  EstimatedSpectrum spectrum_;
  std::optional<Evidence> evidence_;
  AdviceGrid grid_;
  AdviceTrial trial_;
  std::vector<BiasVariance> theory_;
  std::vector<TrialFinding> found_{};
  std::vector<Answer> answers_{};
};

}  // namespace driftwood::natgrad
