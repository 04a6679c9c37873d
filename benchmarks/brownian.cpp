// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include "random/launch/interval_batch.hpp"
#include "timing.hpp"
using namespace driftwood;
using namespace driftwood::random;
#include <ctime>
template<class F> double seconds_of(const F&f){ const std::clock_t a=std::clock(); f(); return double(std::clock()-a)/CLOCKS_PER_SEC; }
 using benchmarks::median;
using T=float; using R=Lane<T>;
struct Sum { Kokkos::View<T**,Kokkos::LayoutRight,Memory> out;
 KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t,int c,std::int64_t p,const R& w) const { T* at=&out(c,p); store_lanes(at, load<R>(at)+w);} };
struct Floor { Kokkos::View<T**,Kokkos::LayoutRight,Memory> out;  int n;
 KOKKOS_FUNCTION void operator()(std::int64_t c) const {
   IntervalNoise<R,false> noise(1,int(c),0); R s[4]={R(0),R(0),R(0),R(0)};
   for(int i=0;i<n;++i){ auto z=normals<R>(noise.first,noise.counters,std::uint64_t(i),1.f); for(int k=0;k<4;++k) s[k]=s[k]+z.z[k]; }
   for(int k=0;k<4;++k) store_lanes(&out(c,k*width_of<R>),s[k]); } };
int main(){
  const Kokkos::ScopeGuard kokkos;
  { Kokkos::View<T**,Kokkos::LayoutRight,Memory> out("o",100,128);
   for(int r=0;r<4;++r){ double s=seconds_of([&]{Kokkos::parallel_for("f",Kokkos::RangePolicy<Exec>(0,100),Floor{out,10000});});
   fmt::print("floor {:.3f} ns per normal width {}\n", s*1e9/(100.*10000*4*width_of<R>),width_of<R>);} }

  for (auto [batch,comp] : {std::pair{128,5},{256,128},{512,256}}) for (int n : {100,1000}) {
    std::vector<double> f,fb; IntervalCounters k;
    for (int r=0;r<5;++r) for (bool both : {false,true}) {
      Kokkos::View<T**,Kokkos::LayoutRight,Memory> out("out",comp,128);
      double s=seconds_of([&]{
        IntervalTree tree({0,1,1.0/n}); IntervalPlan plan;
        for(int i=0;i<n;++i) tree.query(double(i)/n, double(i+1)/n, plan);
        if(both) for(int i=n;i-->0;) tree.query(double(i)/n, double(i+1)/n, plan);
        IntervalBatch<R> b(1,0,128,comp,1.0);
        for (int p=0;p<batch;p+=128) { if(p) b.start(p); b.run(plan,Sum{out}); }
        k=tree.counters();
      });
      (both?fb:f).push_back(s*1e9/(double(n)*batch*comp*(both?2:1)));
    }
    fmt::print("{} {} {}: fwd {:.3f} both {:.3f} bridges/query {:.3f} hops {:.2f}\n",batch,comp,n,median(f),median(fb),double(k.bridges)/double(k.queries),double(k.hops)/double(k.queries));
  }
}
