import { abs, add, decay, div, equal, finite, gate, less, lessEqual, logistic, maximum, minimum, mul, neg, notEqual, paired, relu, sigmoidSlope, sign, sqrt, sub, where } from "./elementwise";
import { expEach, log1pEach, logEach, multiplyPanels, multiplyVector, packPanels, tanhEach } from "./imported";
import { copy, narrow, pick, place, whole, widen } from "./moves";
import { Code, Operation, SIZE } from "./operation";
import { entropySlope, own, rowSums, shift, subRows } from "./rows";
import { squares, sum, sumRows, weightedSum } from "./sums";

/** A product with a column: x has steps `xStep` along rows and `a` along columns, y `yStep`; depth `b`, w is room. */
function vector(o: Operation): void {
  multiplyVector(o.x, o.xStep, o.a, o.n, o.b, o.y, o.yStep, o.z, o.w);
}

/** Runs the operations from one place to another. */
export function runList(from: usize, end: usize): void {
  for (; from < end; from += SIZE) {
    const o = changetype<Operation>(from);
    if (o.pairs) paired(o);
    switch (o.code) {
      case Code.add:
        add(o);
        break;
      case Code.sub:
        sub(o);
        break;
      case Code.mul:
        mul(o);
        break;
      case Code.div:
        div(o);
        break;
      case Code.maximum:
        maximum(o);
        break;
      case Code.minimum:
        minimum(o);
        break;
      case Code.equal:
        equal(o);
        break;
      case Code.notEqual:
        notEqual(o);
        break;
      case Code.less:
        less(o);
        break;
      case Code.lessEqual:
        lessEqual(o);
        break;
      case Code.sigmoidSlope:
        sigmoidSlope(o);
        break;
      case Code.gate:
        gate(o);
        break;
      case Code.neg:
        neg(o);
        break;
      case Code.sqrt:
        sqrt(o);
        break;
      case Code.abs:
        abs(o);
        break;
      case Code.sign:
        sign(o);
        break;
      case Code.relu:
        relu(o);
        break;
      case Code.finite:
        finite(o);
        break;
      case Code.decay:
        decay(o);
        break;
      case Code.where:
        where(o);
        break;
      case Code.logistic:
        logistic(o);
        break;
      case Code.exp:
        expEach(o.z, o.n);
        break;
      case Code.log:
        logEach(o.z, o.n);
        break;
      case Code.log1p:
        log1pEach(o.z, o.n);
        break;
      case Code.tanh:
        tanhEach(o.z, o.n);
        break;
      case Code.widen:
        widen(o);
        break;
      case Code.narrow:
        narrow(o);
        break;
      case Code.whole:
        whole(o);
        break;
      case Code.copy:
        copy(o);
        break;
      case Code.pick:
        pick(o);
        break;
      case Code.put:
        place(o);
        break;
      case Code.weightedSum:
        weightedSum(o);
        break;
      case Code.sum:
        sum(o);
        break;
      case Code.sumRows:
        sumRows(o);
        break;
      case Code.squares:
        squares(o);
        break;
      case Code.shift:
        shift(o);
        break;
      case Code.rowSums:
        rowSums(o);
        break;
      case Code.subRows:
        subRows(o);
        break;
      case Code.own:
        own(o);
        break;
      case Code.entropySlope:
        entropySlope(o);
        break;
      case Code.product:
        packPanels(o.x, 0, 1, 0);
        multiplyPanels(o.x, 0, 1, 0);
        break;
      case Code.vector:
        vector(o);
        break;
    }
  }
}
