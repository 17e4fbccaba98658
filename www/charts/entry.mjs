// The charts: the part of Apache ECharts that the page uses, and the little that cannot be plain data.
// `cargo xtask charts` bundles it into the site's charts.mjs.

import { LineChart, RadarChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, RadarComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';

use([GridComponent, LabelLayout, LineChart, MarkLineComponent, RadarChart, RadarComponent, SVGRenderer, TooltipComponent]);

/**
 * Makes a chart in an element, which decides its size.
 *
 * @param {HTMLElement} element
 * @returns {{ update(json: string): void, dispose(): void }} `update` takes the JSON of src/page/charts/mod.rs: an option object
 *   and the tooltips' texts by step.
 */
export function mount(element) {
  const chart = init(element, null, { renderer: 'svg' });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  let tooltips = {};
  return {
    update(json) {
      const { option, tooltips: texts } = JSON.parse(json);
      tooltips = texts;
      option.tooltip.formatter = (points) => tooltips[points[0]?.axisValue] ?? '';
      try {
        chart.setOption(option, { replaceMerge: ['series', 'grid', 'radar', 'xAxis', 'yAxis'] });
      } catch (error) {
        // Told like any fault of a script; the page that has called must go on.
        reportError(error);
      }
    },
    dispose() {
      observer.disconnect();
      chart.dispose();
    },
  };
}
